import { randomUUID } from 'node:crypto'
import { GlanceError } from '@glance/shared/errors/error'

export const REQUEST_ID_HEADER = 'x-openstack-request-id'
const PREFIX = 'req-'

/**
 * The id of a request: the caller's own, with the prefix every id has, or a new one (Images v2 contract: request
 * id). Throws HeadersTooLarge when the caller's is longer than `maxLength`.
 */
export function requestIdFor(header: string | string[] | undefined, maxLength: number): string {
  if (header === undefined || header === '') return PREFIX + randomUUID()
  const id = typeof header === 'string' ? header : header.join(', ')
  if (id.length > maxLength) {
    throw new GlanceError('HeadersTooLarge', `X-Openstack-Request-ID is longer than ${maxLength} characters.`)
  }
  return id.startsWith(PREFIX) ? id : PREFIX + id
}
