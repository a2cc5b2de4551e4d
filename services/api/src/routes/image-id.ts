import { UUID_PATTERN } from '@glance/shared/contracts/image'
import { GlanceError } from '@glance/shared/errors/error'
import type { FastifyRequest } from 'fastify'

const UUID = new RegExp(UUID_PATTERN)

/** The image a path names. What is no UUID names none: NotFound, as for every unknown id. */
export function imageIdOf(request: FastifyRequest): string {
  const { imageId = '' } = request.params as { imageId?: string }
  if (UUID.test(imageId)) return imageId
  throw new GlanceError('NotFound', `No image found with ID ${imageId.slice(0, 64)}`)
}
