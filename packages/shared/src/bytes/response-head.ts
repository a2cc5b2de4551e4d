/** Status line and header fields of an HTTP/1.1 answer, names in lower case. */
export interface ResponseHead {
  readonly status: number
  readonly fields: ReadonlyMap<string, string>
}

/** Where a head ends in `bytes`: the offset after its empty line, or -1 when that has not come yet. */
export function endOfHead(bytes: Buffer): number {
  const at = bytes.indexOf('\r\n\r\n')
  return at < 0 ? -1 : at + 4
}

/** Reads a head (RFC 9112 §4, §5). Undefined when it is none. */
export function parseHead(bytes: Buffer): ResponseHead | undefined {
  const [first = '', ...lines] = bytes.toString('latin1').trimEnd().split('\r\n')
  const status = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(first)?.[1]
  if (status === undefined) return undefined
  const fields = new Map<string, string>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    if (colon < 1) return undefined
    fields.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim())
  }
  return { status: Number(status), fields }
}
