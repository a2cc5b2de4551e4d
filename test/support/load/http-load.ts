import { connect, type Socket } from 'node:net'
import { ResponseMeter } from './response-meter.ts'

export interface LoadRequest {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface HttpLoadOptions {
  /** http://HOST:PORT of the server. */
  readonly url: string
  /** Keep-alive connections, each with one request under way at any time (closed loop). */
  readonly connections: number
  /** Sent in turn; each connection begins at another one. */
  readonly requests: readonly LoadRequest[]
  /** Time that is measured, in milliseconds. */
  readonly durationMs: number
  /** Time of the same load before that, not measured, in milliseconds; 0 when absent. */
  readonly warmupMs?: number
}

export interface HttpLoadResult {
  /** Time measured, in seconds. */
  readonly seconds: number
  /** Complete responses, of whatever status, and their number per second. */
  readonly completed: number
  readonly requestsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  /** Number of responses by status. */
  readonly statuses: Readonly<Record<string, number>>
  /** What is not a success: number of responses by status from 400 on, and of broken connections by error code. */
  readonly errors: Readonly<Record<string, number>>
}

interface PreparedRequest {
  readonly bytes: Buffer
  readonly noBody: boolean
}

const READ_BUFFER_BYTES = 65_536
const RECONNECT_MS = 50

/**
 * Loads a server over raw sockets: requests are built once, responses are only measured, reading needs no allocation.
 * @throws Error when there is no request, or not one connection can be made
 */
export async function runHttpLoad(options: HttpLoadOptions): Promise<HttpLoadResult> {
  const requests = options.requests.map((request) => prepare(request, new URL(options.url).host))
  if (requests.length === 0 || options.connections < 1) throw new Error('load: at least one request and one connection')
  const tally = new Tally()
  const clients = Array.from({ length: options.connections }, (_, index) => new Client(options.url, requests, index))
  for (const client of clients) client.start(tally)
  await pause(options.warmupMs ?? 0)
  tally.reset()
  const start = performance.now()
  await pause(options.durationMs)
  const seconds = (performance.now() - start) / 1000
  const result = tally.result(seconds)
  for (const client of clients) client.stop()
  if (result.completed === 0 && tally.firstError !== undefined) throw tally.firstError
  return result
}

/** One connection, opened again when it breaks. */
class Client {
  readonly #url: URL
  readonly #requests: readonly PreparedRequest[]
  readonly #meter = new ResponseMeter()
  readonly #buffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES)
  #next: number
  #socket: Socket | undefined
  #retry: NodeJS.Timeout | undefined
  #stopped = false
  #busy = false
  #sentAt = 0

  constructor(url: string, requests: readonly PreparedRequest[], first: number) {
    this.#url = new URL(url)
    this.#requests = requests
    this.#next = first % requests.length
  }

  start(tally: Tally): void {
    const read = (length: number, buffer: Buffer): boolean => this.#read(length, buffer, tally)
    const socket = connect({
      host: this.#url.hostname,
      port: Number(this.#url.port || 80),
      noDelay: true,
      onread: { buffer: this.#buffer, callback: (length, buffer) => read(length, buffer as Buffer) },
    })
    let code = 'closed'
    socket.on('connect', () => this.#send())
    socket.on('error', (error: NodeJS.ErrnoException) => {
      code = error.code ?? error.message
      tally.firstError ??= error
    })
    socket.on('close', () => {
      if (this.#stopped) return
      const complete = this.#busy && this.#meter.endsWithConnection()
      if (complete) tally.add(this.#meter.status, performance.now() - this.#sentAt)
      else if (this.#busy || code !== 'closed') tally.addError(code)
      this.#busy = false
      this.#retry = setTimeout(() => this.start(tally), code === 'closed' ? 0 : RECONNECT_MS)
    })
    this.#socket = socket
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#retry)
    this.#socket?.destroy()
  }

  #send(): void {
    const request = this.#requests[this.#next]
    if (request === undefined || this.#stopped) return
    this.#next = (this.#next + 1) % this.#requests.length
    this.#meter.begin(request.noBody)
    this.#busy = true
    this.#sentAt = performance.now()
    this.#socket?.write(request.bytes)
  }

  #read(length: number, buffer: Buffer, tally: Tally): boolean {
    try {
      if (this.#stopped || !this.#meter.push(buffer, length)) return true
    } catch (error) {
      this.#socket?.destroy(error as Error)
      return true
    }
    tally.add(this.#meter.status, performance.now() - this.#sentAt)
    this.#busy = false
    // A server that closes after its answer does so by itself; the close event opens the next connection.
    if (!this.#meter.closes) this.#send()
    return true
  }
}

/** Counts responses and keeps their latencies. */
class Tally {
  firstError: Error | undefined
  #latencies: number[] = []
  #statuses = new Map<number, number>()
  #broken = new Map<string, number>()

  reset(): void {
    this.#latencies = []
    this.#statuses = new Map()
    this.#broken = new Map()
  }

  add(status: number, latencyMs: number): void {
    this.#latencies.push(latencyMs)
    this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1)
  }

  addError(code: string): void {
    this.#broken.set(code, (this.#broken.get(code) ?? 0) + 1)
  }

  result(seconds: number): HttpLoadResult {
    const sorted = Float64Array.from(this.#latencies).sort()
    const at = (share: number): number => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
    const failed = [...this.#statuses].filter(([status]) => status >= 400)
    return {
      seconds,
      completed: sorted.length,
      requestsPerSecond: sorted.length / seconds,
      p50Ms: at(0.5),
      p99Ms: at(0.99),
      maxMs: at(1),
      statuses: Object.fromEntries(this.#statuses),
      errors: { ...Object.fromEntries(failed), ...Object.fromEntries(this.#broken) },
    }
  }
}

function prepare(request: LoadRequest, host: string): PreparedRequest {
  const headers: Record<string, string> = { Host: host, ...request.headers }
  const body = Buffer.from(request.body ?? '')
  if (request.body !== undefined) headers['Content-Length'] = String(body.length)
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const head = Buffer.from(`${request.method} ${request.path} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1')
  return { bytes: Buffer.concat([head, body]), noBody: request.method === 'HEAD' }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
