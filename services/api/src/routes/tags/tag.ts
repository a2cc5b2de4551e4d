import { GlanceError } from '@glance/shared/errors/error'
import type { FastifyRequest } from 'fastify'

const MAX_TAG = 255

/** The tag a path names, decoded. A slash cannot be part of one: NotFound. Too long a tag is BadRequest. */
export function tagOf(request: FastifyRequest): string {
  const { tag = '' } = request.params as { tag?: string }
  if (tag === '' || tag.includes('/')) throw new GlanceError('NotFound')
  if (tag.length > MAX_TAG) throw new GlanceError('BadRequest', `A tag has at most ${MAX_TAG} characters.`)
  if (tag.includes('\0')) throw new GlanceError('BadRequest', 'A tag cannot contain NUL.')
  return tag
}
