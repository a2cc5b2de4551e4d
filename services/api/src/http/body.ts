import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { GlanceError } from '@glance/shared/errors/error'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** Objects and arrays within each other beyond this are no image metadata but an attempt on somebody's stack. */
const MAX_DEPTH = 64
/** Time for the whole of a JSON body to arrive, in ms. */
const BODY_TIMEOUT_MS = 60_000

/** True when the request announces a body (RFC 9112 §6). */
export function announcesBody(raw: IncomingMessage): boolean {
  if (raw.headers['transfer-encoding'] !== undefined) return true
  const length = raw.headers['content-length']
  return length !== undefined && length !== '0' && Number(length) !== 0
}

/** Refuses a body where the operation takes none (BadRequest). */
export function refuseBody(request: FastifyRequest): void {
  if (announcesBody(request.raw)) throw new GlanceError('BadRequest', 'A body is not expected with this request.')
}

/**
 * Reads the JSON body of a request, whatever its Content-Type says (Images v2 contract: bodies and content types).
 * Throws BadRequest when there is none, when it is malformed, or when its top level is neither object nor array;
 * TooLarge beyond `limit` bytes.
 */
export async function readJson(request: FastifyRequest, reply: FastifyReply, limit: number): Promise<object> {
  if (!announcesBody(request.raw)) throw new GlanceError('BadRequest', 'A body is expected with this request.')
  const announced = Number(request.raw.headers['content-length'] ?? 0)
  if (announced > limit) throw tooLarge(limit)
  sendContinue(request, reply)
  return parseJson(await collect(request.raw, limit))
}

/** As `readJson`, for operations whose body is an object; an array is BadRequest. */
export async function readJsonObject(
  request: FastifyRequest,
  reply: FastifyReply,
  limit: number,
): Promise<Record<string, unknown>> {
  const value = await readJson(request, reply, limit)
  if (Array.isArray(value)) throw new GlanceError('BadRequest', 'The request body must be a JSON object.')
  return value as Record<string, unknown>
}

/** Tells a client that waits for it to go on (RFC 9110 §10.1.1). */
export function sendContinue(request: FastifyRequest, reply: FastifyReply): void {
  if (request.raw.headers.expect !== undefined && !reply.raw.headersSent) reply.raw.writeContinue()
}

function collect(raw: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const timer = setTimeout(
      () => settle(new GlanceError('BadRequest', 'The request body did not arrive in time.')),
      BODY_TIMEOUT_MS,
    )
    const onData = (chunk: Buffer): void => {
      size += chunk.length
      if (size > limit) settle(tooLarge(limit))
      else chunks.push(chunk)
    }
    const onEnd = (): void => settle()
    const onBroken = (): void => settle(new GlanceError('ClientGone'))
    const settle = (fault?: GlanceError): void => {
      clearTimeout(timer)
      raw.off('data', onData).off('end', onEnd).off('error', onBroken).off('close', onBroken)
      if (fault === undefined) {
        resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks))
      } else {
        raw.pause()
        reject(fault)
      }
    }
    raw.on('data', onData).on('end', onEnd).on('error', onBroken).on('close', onBroken)
  })
}

function parseJson(bytes: Buffer): object {
  if (bytes.length === 0) throw new GlanceError('BadRequest', 'A body is expected with this request.')
  if (!isUtf8(bytes)) throw new GlanceError('BadRequest', 'The request body is not valid UTF-8.')
  const text = bytes.toString('utf8')
  if (isDeeperThan(text, MAX_DEPTH)) {
    throw new GlanceError('BadRequest', `The request body nests deeper than ${MAX_DEPTH} levels.`)
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (thrown) {
    const cause = thrown instanceof Error ? thrown.message : ''
    throw new GlanceError('BadRequest', `The request body is malformed JSON: ${cause}`)
  }
  if (typeof value !== 'object' || value === null) {
    throw new GlanceError('BadRequest', 'The request body must be a JSON object or array.')
  }
  return value
}

/** Looks at brackets outside strings only; what is no JSON at all is the parser's to refuse. */
function isDeeperThan(text: string, limit: number): boolean {
  let depth = 0
  let inString = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (inString) {
      if (code === 0x5c) at++
      else if (code === 0x22) inString = false
    } else if (code === 0x22) inString = true
    else if (code === 0x7b || code === 0x5b) {
      if (++depth > limit) return true
    } else if (code === 0x7d || code === 0x5d) depth--
  }
  return false
}

function tooLarge(limit: number): GlanceError {
  return new GlanceError('TooLarge', `The request body is larger than ${limit} bytes.`)
}
