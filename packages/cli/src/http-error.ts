import { CommandError } from './command-error.ts'
import { parseJson } from './json.ts'

const names: Readonly<Record<number, string>> = {
  400: 'HTTPBadRequest',
  401: 'HTTPUnauthorized',
  403: 'HTTPForbidden',
  404: 'HTTPNotFound',
  405: 'HTTPMethodNotAllowed',
  409: 'HTTPConflict',
  413: 'HTTPOverLimit',
  500: 'HTTPInternalServerError',
  501: 'HTTPNotImplemented',
  502: 'HTTPBadGateway',
  503: 'HTTPServiceUnavailable',
}

/** An answer of a service that refuses the request; the message is `HTTP ` and the details it gave. */
export class HttpError extends CommandError {
  override readonly name = 'HttpError'
  readonly status: number

  constructor(status: number, details: string) {
    super(`HTTP ${details || (names[status] ?? `HTTPException (${status})`)}`)
    this.status = status
  }
}

/** The error behind an answer, its details read from a body of any of the usual kinds. */
export function errorFrom(status: number, contentType: string, body: string): HttpError {
  return new HttpError(status, details(contentType, body))
}

function details(contentType: string, body: string): string {
  if (body.trim() === '') return ''
  if (contentType.includes('json')) return jsonDetails(body)
  if (contentType.includes('html')) return htmlDetails(body)
  return body.replaceAll('\n\n', '\n').trim()
}

/** Every line without its tags, empty and repeated lines dropped: title and heading say the same. */
function htmlDetails(body: string): string {
  const lines = body.split(/\r?\n/).map((line) => decodeEntities(line.replace(/<[^>]+>/g, '')).trim())
  return [...new Set(lines.filter(Boolean))].join(': ')
}

/**
 * Two shapes are in use: members that each hold an object with `message`, and one flat object with `message`
 * and a `code` such as "404 Not Found".
 */
function jsonDetails(body: string): string {
  const parsed = parseJson(body)
  if (typeof parsed !== 'object' || parsed === null) return body.trim()
  const nested = Object.values(parsed).flatMap((value: unknown) => messageOf(value) ?? [])
  if (nested.length > 0) return nested.join('\n')
  const message = messageOf(parsed)
  if (message === undefined) return body.trim()
  const code = 'code' in parsed ? String(parsed.code) : ''
  return [code, htmlDetails(message)].filter(Boolean).join(': ')
}

function messageOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('message' in value)) return undefined
  return typeof value.message === 'string' ? value.message : undefined
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' }

function decodeEntities(text: string): string {
  return text.replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]+);/gi, (whole, entity: string) => {
    if (!entity.startsWith('#')) return entities[entity.toLowerCase()] ?? whole
    // "#x27" reads as the hexadecimal literal "0x27".
    const code = Number(entity.slice(1).replace(/^x/i, '0x'))
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
}
