import type { ByteRange } from '@glance/shared/contracts/transfer'
import { GlanceError } from '@glance/shared/errors/error'

const RANGE = /^\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$/i
const CONTENT_RANGE = /^\s*bytes\s+(\d+)-(\d+)\/(\*|\d+)\s*$/i

/** The headers that can ask for a part. */
export interface RangeHeaders {
  readonly range?: string | undefined
  /** Read by old clients' custom as a request header. */
  readonly 'content-range'?: string | undefined
}

/** True when a request asks for a part at all; an empty Range asks for nothing. */
export function asksForRange(headers: RangeHeaders): boolean {
  return (headers.range ?? '').trim() !== '' || (headers.range === undefined && headers['content-range'] !== undefined)
}

/**
 * The part of `size` bytes that a request asks for, undefined when it asks for all (RFC 9110 §14.2; Images v2
 * contract: download). One range only: several are BadRequest. RangeNotSatisfiable for a malformed range, a start
 * beyond the end, or an end before the start. `size` is more than 0.
 */
export function parseRange(headers: RangeHeaders, size: number): ByteRange | undefined {
  if (!asksForRange(headers)) return undefined
  if (headers.range !== undefined) return fromRange(headers.range, size)
  return fromContentRange(headers['content-range'] ?? '', size)
}

function fromRange(header: string, size: number): ByteRange {
  if (header.includes(',')) throw new GlanceError('BadRequest', 'Requests for more than one range are not supported.')
  const match = RANGE.exec(header)
  const [first = '', last = ''] = match?.slice(1) ?? []
  if (first === '' && last === '') throw unsatisfiable(header)
  if (first === '') return suffix(Number(last), size)
  const range = { first: Number(first), last: last === '' ? size - 1 : Math.min(Number(last), size - 1) }
  if (range.first >= size || range.last < range.first) throw unsatisfiable(header)
  return range
}

/** The last `length` bytes; none, or more than there are, mean all of them. */
function suffix(length: number, size: number): ByteRange {
  return { first: length === 0 || length >= size ? 0 : size - length, last: size - 1 }
}

function fromContentRange(header: string, size: number): ByteRange {
  const [first, last] = (CONTENT_RANGE.exec(header)?.slice(1, 3) ?? []).map(Number)
  if (first === undefined || last === undefined || last < first || last >= size) throw unsatisfiable(header)
  return { first, last }
}

function unsatisfiable(header: string): GlanceError {
  return new GlanceError('RangeNotSatisfiable', `The range '${header.slice(0, 100)}' cannot be satisfied.`)
}
