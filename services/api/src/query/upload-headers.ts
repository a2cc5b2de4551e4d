import type { IncomingHttpHeaders } from 'node:http'
import { GlanceError } from '@glance/shared/errors/error'

const SIZE_HEADER = 'x-openstack-image-size'
const STORE_HEADER = 'x-image-meta-store'
const DIGITS = /^\d+$/

/** Throws UnsupportedMediaType unless the body is said to be plain bytes. */
export function checkUploadType(headers: IncomingHttpHeaders): void {
  const type = (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase()
  if (type !== 'application/octet-stream') {
    throw new GlanceError('UnsupportedMediaType', 'Content-Type must be application/octet-stream.')
  }
}

/**
 * Bytes the client announces, undefined when it does not say: its own header beats Content-Length, and 0 says
 * nothing in either. Throws BadRequest for a size that is no integer.
 */
export function announcedSize(headers: IncomingHttpHeaders): number | undefined {
  const own = headers[SIZE_HEADER]
  const text = (typeof own === 'string' ? own : (headers['content-length'] ?? '0')).trim()
  const size = Number(text)
  if (!DIGITS.test(text) || !Number.isSafeInteger(size)) {
    throw new GlanceError('BadRequest', `${SIZE_HEADER} must be a number of bytes.`)
  }
  return size === 0 ? undefined : size
}

/** The store a client chooses; without several stores the choice is ignored. Throws UnknownStore. */
export function chosenStore(
  headers: IncomingHttpHeaders,
  config: { multistore: boolean; stores: readonly { id: string }[] },
): string | undefined {
  const header = headers[STORE_HEADER]
  if (!config.multistore || header === undefined || header === '') return undefined
  const store = config.stores.find((each) => each.id === header)
  if (store === undefined) throw new GlanceError('UnknownStore', `There is no store '${String(header).slice(0, 255)}'.`)
  return store.id
}
