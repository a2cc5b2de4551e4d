import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export interface RawHead {
  readonly status: number
  readonly reason: string
  /** Names in small letters; a repeated header's values joined by ", ". */
  readonly headers: ReadonlyMap<string, string>
}

export interface RawRequest {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent whole with a Content-Length, unless the headers already tell a length or an encoding. */
  readonly body?: string | Uint8Array
}

export interface RawResponse extends RawHead {
  readonly body: Buffer
}

const TIMEOUT_MS = 20_000

/**
 * One HTTP/1.1 connection with every byte in the test's hand: malformed requests, pauses, breaks, Expect: 100-continue.
 * Every wait ends with an error after 20 s of silence.
 */
export class RawConnection {
  readonly socket: Socket
  readonly #host: string
  #pending: Buffer = Buffer.alloc(0)
  #error: Error | undefined

  private constructor(socket: Socket, host: string) {
    this.socket = socket
    this.#host = host
    socket.on('error', (error) => {
      this.#error = error
    })
  }

  /** @param url http://HOST:PORT; the path is ignored */
  static async open(url: string): Promise<RawConnection> {
    const { hostname, port, host } = new URL(url)
    const socket = connect({ host: hostname, port: Number(port || 80), noDelay: true })
    await once(socket, 'connect')
    return new RawConnection(socket, host)
  }

  /** Sends the bytes as they are; resolves once the kernel has taken them. */
  async send(bytes: string | Uint8Array): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const chunk = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes
      this.socket.write(chunk, (error) => (error ? reject(error) : resolve()))
    })
  }

  /** Sends a request line, Host, the headers and the body if there is one. */
  async sendRequest(request: RawRequest): Promise<void> {
    const headers = new Map(Object.entries({ Host: this.#host, ...request.headers }))
    const body = typeof request.body === 'string' ? Buffer.from(request.body) : request.body
    const framed = [...headers.keys()].some((name) => /^(content-length|transfer-encoding)$/i.test(name))
    if (body !== undefined && !framed) headers.set('Content-Length', String(body.byteLength))
    const lines = [...headers].map(([name, value]) => `${name}: ${value}\r\n`)
    await this.send(`${request.method} ${request.path} HTTP/1.1\r\n${lines.join('')}\r\n`)
    if (body !== undefined) await this.send(body)
  }

  /** Sends one chunk of a body with Transfer-Encoding: chunked; an empty one ends the body. */
  async sendChunk(bytes: Uint8Array): Promise<void> {
    await this.send(Buffer.concat([Buffer.from(`${bytes.byteLength.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]))
  }

  /**
   * Reads the next status line and headers; an interim answer such as 100 Continue counts as one.
   * @throws Error when the server closes first
   */
  async readHead(): Promise<RawHead> {
    const end = await this.#until(() => indexAfter(this.#pending, '\r\n\r\n'))
    const [first = '', ...lines] = this.#take(end).toString('latin1').trimEnd().split('\r\n')
    const match = /^HTTP\/1\.[01] (\d{3}) ?(.*)$/.exec(first)
    if (match === null) throw new Error(`not an HTTP/1.1 status line: ${JSON.stringify(first)}`)
    const headers = new Map<string, string>()
    for (const line of lines) {
      const name = line.slice(0, line.indexOf(':')).toLowerCase()
      const value = line.slice(line.indexOf(':') + 1).trim()
      const before = headers.get(name)
      headers.set(name, before === undefined ? value : `${before}, ${value}`)
    }
    return { status: Number(match[1]), reason: match[2] ?? '', headers }
  }

  /** Reads exactly `length` bytes. */
  async readBytes(length: number): Promise<Buffer> {
    await this.#until(() => (this.#pending.length >= length ? length : undefined))
    return this.#take(length)
  }

  /**
   * Reads the whole body that belongs to `head`, by its length, its chunks or the end of the connection.
   * @param method method of the request; a HEAD's answer has no body
   */
  async readBody(head: RawHead, method = 'GET'): Promise<Buffer> {
    if (method === 'HEAD' || head.status < 200 || head.status === 204 || head.status === 304) return Buffer.alloc(0)
    if (head.headers.get('transfer-encoding') === 'chunked') return this.#readChunks()
    const length = head.headers.get('content-length')
    if (length !== undefined) return this.readBytes(Number(length))
    await this.untilClosed()
    return this.#take(this.#pending.length)
  }

  /** Sends a request and reads its final answer; interim answers are passed over. */
  async exchange(request: RawRequest): Promise<RawResponse> {
    await this.sendRequest(request)
    let head = await this.readHead()
    while (head.status < 200) head = await this.readHead()
    return { ...head, body: await this.readBody(head, request.method) }
  }

  /** Waits until the server has closed the connection or broken it. Bytes that come meanwhile stay readable. */
  async untilClosed(): Promise<void> {
    await this.#until(() => (this.#isOver() ? 0 : undefined))
  }

  /** Breaks the connection at once (TCP reset), as a client that crashed. */
  breakOff(): void {
    this.socket.resetAndDestroy()
  }

  /** Closes the connection in an orderly way. */
  close(): void {
    this.socket.end()
    this.socket.destroy()
  }

  async #readChunks(): Promise<Buffer> {
    const parts: Buffer[] = []
    for (;;) {
      const end = await this.#until(() => indexAfter(this.#pending, '\r\n'))
      const size = Number.parseInt(this.#take(end).toString('latin1'), 16)
      if (!Number.isInteger(size)) throw new Error('a chunk starts without its size')
      const chunk = await this.readBytes(size + 2)
      if (size === 0) return Buffer.concat(parts)
      parts.push(chunk.subarray(0, size))
    }
  }

  #take(length: number): Buffer {
    const taken = this.#pending.subarray(0, length)
    this.#pending = this.#pending.subarray(length)
    return taken
  }

  #isOver(): boolean {
    return this.socket.readableEnded || this.socket.destroyed
  }

  async #until(found: () => number | undefined): Promise<number> {
    for (;;) {
      const chunk = this.socket.read() as Buffer | null
      if (chunk !== null) this.#pending = Buffer.concat([this.#pending, chunk])
      const result = found()
      if (result !== undefined) return result
      if (chunk !== null) continue
      if (this.#isOver()) throw this.#error ?? new Error('the server closed the connection')
      await nextChange(this.socket)
    }
  }
}

function indexAfter(buffer: Buffer, mark: string): number | undefined {
  const index = buffer.indexOf(mark, 0, 'latin1')
  return index < 0 ? undefined : index + mark.length
}

function nextChange(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    const events = ['readable', 'end', 'close', 'error'] as const
    const settle = (): void => {
      clearTimeout(timer)
      for (const event of events) socket.off(event, settle)
      resolve()
    }
    const timer = setTimeout(() => {
      for (const event of events) socket.off(event, settle)
      reject(new Error(`no byte and no end of the connection for ${TIMEOUT_MS} ms`))
    }, TIMEOUT_MS)
    for (const event of events) socket.on(event, settle)
  })
}
