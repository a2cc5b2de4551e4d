import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { announcesBody } from './body.ts'

/** Unread bodies up to this announced size are simply read to their end by the HTTP layer. */
const SMALL_BODY = 64 * 1024
/** A client that keeps sending after its answer is read this far, in bytes … */
const LINGER_BYTES = 256 * 1024 * 1024
/** … for this long in all, and for this long without a byte, in ms. */
const LINGER_MS = 30_000
const LINGER_IDLE_MS = 5_000

/** An answer that is given before the request's body was read. */
export interface EarlyAnswer {
  readonly status: number
  readonly headers: OutgoingHttpHeaders
  readonly body: string
}

/** True when an answer now would come while the client may still be sending a good deal. */
export function isStillSending(raw: IncomingMessage): boolean {
  if (raw.complete || raw.destroyed || !announcesBody(raw)) return false
  const length = raw.headers['content-length']
  return length === undefined || Number(length) > SMALL_BODY
}

/**
 * Answers at once and closes politely. A connection closed while the client is sending is reset, and the reset
 * overtakes the answer (RFC 9112 §9.6); so the whole answer goes out first, what the client still sends is thrown
 * away for a bounded while, and only then is the connection closed.
 */
export function answerAndLinger(raw: IncomingMessage, response: ServerResponse, answer: EarlyAnswer): void {
  const body = Buffer.from(answer.body)
  response.writeHead(answer.status, { ...answer.headers, 'content-length': body.length, connection: 'close' })
  response.write(body)
  drain(raw, () => response.end())
}

/** Throws away what arrives until the body ends, the client goes, or a bound is met; then calls `done`, once. */
function drain(raw: IncomingMessage, done: () => void): void {
  let bytes = 0
  const finish = (): void => {
    clearTimeout(total)
    clearTimeout(idle)
    raw.off('data', onData).off('end', finish).off('close', finish).off('error', finish)
    raw.on('error', () => undefined)
    done()
  }
  const onData = (chunk: Buffer): void => {
    bytes += chunk.length
    if (bytes > LINGER_BYTES) finish()
    else idle.refresh()
  }
  const total = setTimeout(finish, LINGER_MS)
  const idle = setTimeout(finish, LINGER_IDLE_MS)
  raw.on('data', onData).on('end', finish).on('close', finish).on('error', finish)
  raw.resume()
}
