import { createHash } from 'node:crypto'

/** Writes what goes over the wire, one request or answer at a time. */
export type Trace = (text: string) => void

type Headers = Readonly<Record<string, string>>

const SECRET_HEADERS = new Set(['x-auth-token', 'x-subject-token', 'x-service-token', 'authorization', 'set-cookie'])

/** A request as a curl command that could be repeated, but for its secrets. */
export function curlLine(request: {
  method: string
  url: string
  headers: Headers
  body?: string | undefined
}): string {
  const headers = headerLines(request.headers).map((line) => `-H ${shellQuoted(line)}`)
  const data = request.body === undefined ? [] : ['-d', shellQuoted(request.body)]
  return ['curl -g -i -X', request.method, shellQuoted(request.url), ...headers, ...data].join(' ')
}

/** Status line and headers of an answer. */
export function replyLines(status: number, headers: Headers): string {
  return [`HTTP/1.1 ${status}`, ...headerLines(headers)].join('\n')
}

function headerLines(headers: Headers): string[] {
  return Object.entries(headers).map(([name, value]) => `${name}: ${maskedValue(name, value)}`)
}

/** Tokens are shown as their digest: two lines with the same token can be told, the token cannot. */
function maskedValue(name: string, value: string): string {
  if (!SECRET_HEADERS.has(name.toLowerCase())) return value
  return `{SHA256}${createHash('sha256').update(value).digest('hex')}`
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
