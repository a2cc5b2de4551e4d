import { GlanceError } from '@glance/shared/errors/error'

/** A query parameter, decoded. */
export type QueryPair = readonly [name: string, value: string]

/**
 * All parameters of a raw query string in their order; `+` is a blank (application/x-www-form-urlencoded). Throws
 * BadRequest when it does not decode to UTF-8.
 */
export function parseQuery(raw: string): QueryPair[] {
  if (raw === '') return []
  const pairs: QueryPair[] = []
  for (const part of raw.split('&')) {
    if (part === '') continue
    const at = part.indexOf('=')
    pairs.push(at < 0 ? [decode(part), ''] : [decode(part.slice(0, at)), decode(part.slice(at + 1))])
  }
  return pairs
}

/** Throws BadRequest when a raw query string does not decode; for operations that look at no parameter. */
export function checkQuery(raw: string): void {
  if (raw !== '') decode(raw)
}

/** The inverse of `parseQuery`. */
export function formatQuery(pairs: Iterable<QueryPair>): string {
  let text = ''
  for (const [name, value] of pairs) text += `${text === '' ? '' : '&'}${encode(name)}=${encode(value)}`
  return text
}

/** The HTTP parser hands bytes on as Latin-1, so a byte above ASCII is a character here; it is escaped like others. */
const RAW_BYTES = /[\x80-\xff]/g

function decode(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  const ascii = spaced.replace(RAW_BYTES, (byte) => `%${byte.charCodeAt(0).toString(16)}`)
  if (!ascii.includes('%')) return ascii
  // A percent sign that begins no escape stands for itself, as in every form decoder; bad UTF-8 does not.
  const escaped = ascii.replace(/%(?![0-9A-Fa-f]{2})/g, '%25')
  try {
    return decodeURIComponent(escaped)
  } catch {
    throw new GlanceError('BadRequest', 'The query string is not valid UTF-8.')
  }
}

function encode(text: string): string {
  return encodeURIComponent(text).replaceAll('%20', '+')
}
