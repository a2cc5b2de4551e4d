import { GlanceError } from '@glance/shared/errors/error'

const STRAY_TILDE = /~(?![01])/

/**
 * The segments of a JSON pointer (RFC 6901), with what this API asks of one beyond that: no empty segment, blanks
 * around a segment do not count. Throws BadRequest.
 */
export function parsePointer(pointer: unknown): string[] {
  if (typeof pointer !== 'string') throw new GlanceError('BadRequest', 'The path of an operation must be a string.')
  if (!pointer.startsWith('/')) throw badPointer(pointer, 'must begin with /')
  if (STRAY_TILDE.test(pointer)) throw badPointer(pointer, 'may contain ~ only as ~0 or ~1')
  const segments = pointer.slice(1).split('/').map(unescapeSegment)
  if (segments.includes('')) throw badPointer(pointer, 'must not contain an empty segment')
  return segments
}

function unescapeSegment(segment: string): string {
  return segment.trim().replaceAll('~1', '/').replaceAll('~0', '~')
}

function badPointer(pointer: string, rule: string): GlanceError {
  return new GlanceError('BadRequest', `The path '${pointer.slice(0, 300)}' ${rule}.`)
}
