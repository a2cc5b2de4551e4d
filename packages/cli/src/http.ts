import { readFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import type { Agent } from 'undici'
import { CommandError } from './command-error.ts'
import { curlLine, replyLines, type Trace } from './trace.ts'

export interface HttpSettings {
  readonly insecure: boolean
  /** PEM files. */
  readonly cacert: string | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
  /** Milliseconds without progress after which a request is given up. */
  readonly timeoutMs: number
  readonly userAgent: string
  readonly signal: AbortSignal
  readonly trace: Trace | undefined
}

export interface HttpRequest {
  readonly method: string
  /** Absolute; sent as it stands, dot segments included. */
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  /** A stream is sent with chunked transfer coding. */
  readonly body?: string | Readable | undefined
  /** Shown by the trace instead of a body that holds secrets. */
  readonly tracedBody?: string
}

export interface HttpReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Readable
}

/** HTTP to any origin over one pool of connections. */
export interface Http {
  /**
   * Sends a request and answers when the headers have come, whatever their status.
   *
   * @throws CommandError when the server cannot be reached or breaks off
   */
  send(request: HttpRequest): Promise<HttpReply>
  /** Reads a body of text to its end and traces it. */
  text(reply: HttpReply): Promise<string>
  close(): Promise<void>
}

/** Opens a pool; the HTTP library is loaded with the first request, so that help stays quick. */
export function openHttp(settings: HttpSettings): Http {
  let agent: Promise<Agent> | undefined
  return {
    async send(request) {
      agent ??= openAgent(settings)
      return dispatch(await agent, request, settings)
    },
    async text(reply) {
      const text = await readText(reply.body)
      if (text) settings.trace?.(`${text}\n`)
      return text
    },
    async close() {
      // An agent that could not be opened has told so already, where it was first needed.
      await agent?.then(
        (open) => open.destroy(),
        () => undefined,
      )
    },
  }
}

async function openAgent(settings: HttpSettings): Promise<Agent> {
  const { Agent } = await import('undici')
  const [ca, cert, key] = await Promise.all([settings.cacert, settings.cert, settings.key].map(readPem))
  return new Agent({
    headersTimeout: settings.timeoutMs,
    bodyTimeout: settings.timeoutMs,
    connect: {
      timeout: settings.timeoutMs,
      rejectUnauthorized: !settings.insecure,
      ...(ca ? { ca } : {}),
      // A single file may hold both the certificate and its key.
      ...(cert ? { cert, key: key ?? cert } : {}),
    },
  })
}

async function readPem(path: string | undefined): Promise<Buffer | undefined> {
  if (!path) return undefined
  try {
    return await readFile(path)
  } catch (error) {
    throw new CommandError(`Unable to read TLS file ${path}: ${reason(error)}`)
  }
}

async function dispatch(agent: Agent, request: HttpRequest, settings: HttpSettings): Promise<HttpReply> {
  const url = parseUrl(request.url)
  const headers = { 'User-Agent': settings.userAgent, Accept: '*/*', ...request.headers }
  const body = request.body ?? null
  if (settings.trace) {
    const shown = request.tracedBody ?? (typeof body === 'string' ? body : undefined)
    settings.trace(curlLine({ method: request.method, url: publicUrl(request.url), headers, body: shown }))
  }
  try {
    const reply = await agent.request({
      origin: url.origin,
      // The text as given: parsing would resolve dot segments and so could name another resource.
      path: request.url.replace(/^[a-z]+:\/\/[^/?#]*/i, '') || '/',
      method: request.method,
      headers,
      body,
      signal: settings.signal,
    })
    const flat = flatten(reply.headers)
    settings.trace?.(`${replyLines(reply.statusCode, flat)}\n`)
    return { status: reply.statusCode, headers: flat, body: reply.body }
  } catch (error) {
    throw unreachable(error, publicUrl(request.url), settings.signal)
  }
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url
  throw new CommandError(`Not an http or https URL: ${publicUrl(text)}`)
}

function flatten(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  )
}

async function readText(body: Readable): Promise<string> {
  body.setEncoding('utf8')
  let text = ''
  try {
    for await (const part of body) text += String(part)
  } catch (error) {
    throw new CommandError(`The server broke off its answer: ${reason(error)}`)
  }
  return text
}

/** The URL without user name and password. */
export function publicUrl(url: string): string {
  return url.replace(/^([a-z]+:\/\/)[^/@]*@/i, '$1')
}

function unreachable(error: unknown, url: string, signal: AbortSignal): unknown {
  if (signal.aborted || error instanceof CommandError) return error
  const code = codeOf(error)
  // Raised before anything is sent, for example for a header that is not allowed; its text names no value.
  if (code.startsWith('UND_ERR_INVALID') || code === 'ERR_INVALID_CHAR') return new CommandError(reason(error))
  const addressFault = ['ENOTFOUND', 'ECONNREFUSED', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'].includes(code)
  const what = addressFault ? 'Error finding address for' : 'Error communicating with'
  return new CommandError(`${what} ${url}: ${reason(error)}`)
}

function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0])
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

/** Why an operation failed, in one line. */
export function reason(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reason(error.errors[0])
  return error instanceof Error ? error.message || error.name : String(error)
}
