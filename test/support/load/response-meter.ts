const CR = 13
const LF = 10
const HEAD_END = Buffer.from('\r\n\r\n')

/**
 * Finds the end of HTTP/1.1 responses in a stream of bytes and keeps nothing of them: made to cost a load generator
 * as little as possible. One response at a time, without pipelining. Interim (1xx) responses are passed over.
 */
export class ResponseMeter {
  /** Status of the response last begun. */
  status = 0
  /** Whether the server closes the connection after it. */
  closes = false
  #rest: Buffer | undefined
  #noBody = false
  #phase: 'head' | 'length' | 'chunked' | 'until-close' = 'head'
  /** Bytes of the body, or of the current chunk and its line end, that are still to come. */
  #remaining = 0
  #lastChunk = false

  /** @param noBody true for the answer to a HEAD request */
  begin(noBody: boolean): void {
    this.#noBody = noBody
    this.#phase = 'head'
    this.#rest = undefined
    this.#lastChunk = false
  }

  /**
   * Takes the first `length` bytes of `buffer`, which the caller may use again after.
   * @returns whether the response is complete
   * @throws Error when the bytes are not HTTP/1.1
   */
  push(buffer: Buffer, length: number): boolean {
    let data = length === buffer.length ? buffer : buffer.subarray(0, length)
    if (this.#rest !== undefined) {
      data = Buffer.concat([this.#rest, data])
      this.#rest = undefined
    }
    let offset = 0
    while (this.#phase === 'head') {
      const end = data.indexOf(HEAD_END, offset)
      if (end < 0) {
        this.#rest = Buffer.from(data.subarray(offset))
        return false
      }
      const done = this.#readHead(data, offset, end)
      offset = end + 4
      if (done) return true
    }
    if (this.#phase === 'length') {
      this.#remaining -= data.length - offset
      return this.#remaining <= 0
    }
    return this.#phase === 'chunked' && this.#readChunks(data, offset)
  }

  /** Whether the end of the connection completes the response: one without length or chunks. */
  endsWithConnection(): boolean {
    return this.#phase === 'until-close'
  }

  /** Returns whether the response ends with its head. */
  #readHead(data: Buffer, start: number, end: number): boolean {
    const head = data.toString('latin1', start, end).toLowerCase()
    this.status = Number(head.slice(9, 12))
    if (!head.startsWith('http/1.') || !(this.status >= 100)) throw new Error(`not HTTP/1.1: ${head.slice(0, 40)}`)
    if (this.status < 200) return false
    this.closes = head.includes('\r\nconnection: close')
    if (this.#noBody || this.status === 204 || this.status === 304) return true
    const at = head.indexOf('\r\ncontent-length:')
    if (at >= 0) {
      this.#remaining = Number.parseInt(head.slice(at + 17, at + 40), 10)
      this.#phase = 'length'
      return this.#remaining === 0
    }
    this.#phase = head.includes('\r\ntransfer-encoding: chunked') ? 'chunked' : 'until-close'
    this.#remaining = 0
    return false
  }

  #readChunks(data: Buffer, start: number): boolean {
    let offset = start
    for (;;) {
      const step = Math.min(this.#remaining, data.length - offset)
      offset += step
      this.#remaining -= step
      if (this.#remaining > 0) return false
      if (this.#lastChunk) return true
      const lineEnd = data.indexOf(LF, offset)
      if (lineEnd < 0) {
        if (offset < data.length) this.#rest = Buffer.from(data.subarray(offset))
        return false
      }
      const size = parseHexadecimal(data, offset)
      // A chunk and the line end after it; after the empty last chunk the end of its (empty) trailer.
      this.#remaining = size + 2
      this.#lastChunk = size === 0
      offset = lineEnd + 1
    }
  }
}

function parseHexadecimal(data: Buffer, start: number): number {
  let value = 0
  for (let offset = start; offset < data.length; offset++) {
    const byte = data[offset] ?? CR
    const lower = byte | 32
    if (byte >= 48 && byte <= 57) value = value * 16 + byte - 48
    else if (lower >= 97 && lower <= 102) value = value * 16 + lower - 87
    else if (offset === start) throw new Error('a chunk starts without its size')
    else break
  }
  return value
}
