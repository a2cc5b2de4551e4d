import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { TICKET_HEADER, UPLOADS_PATH, type UploadOutcome } from '@glance/shared/contracts/bytes'
import { encodeError, GlanceError, toGlanceError } from '@glance/shared/errors/error'
import type { Log } from '@glance/shared/log'
import type { TakenUpload, Uploads } from './uploads.ts'

/** An outcome is a few hundred bytes; a worker that sends more is none of ours. */
const MOST_OUTCOME_BYTES = 64 * 1024

/**
 * The internal listener from which workers pull uploads (contracts/bytes.ts). The answer's body is the image; the
 * request's body stays open and carries the outcome, so a break of this one connection tells both sides.
 */
export function createUploadsServer(uploads: Uploads, log: Pick<Log, 'warn'>): Server {
  const server = createServer((request, response) => {
    try {
      if (request.method !== 'POST' || request.url !== UPLOADS_PATH) throw new GlanceError('NotFound')
      const ticket = request.headers[TICKET_HEADER]
      serve(uploads.take(typeof ticket === 'string' ? ticket : ''), request, response)
    } catch (thrown) {
      log.warn({ from: request.socket.remoteAddress, code: toGlanceError(thrown).code }, 'upload refused to a worker')
      response.writeHead(toGlanceError(thrown).row.status, { 'content-type': 'application/json', connection: 'close' })
      response.end(JSON.stringify(encodeError(thrown)))
    }
  })
  // An upload may take hours and pause; its life is bounded by the lease, not by the listener.
  server.requestTimeout = 0
  server.timeout = 0
  // The connection stays while the worker makes the bytes durable, and carries the outcome after that.
  server.keepAliveTimeout = 0
  return server
}

function serve(upload: TakenUpload, request: IncomingMessage, response: ServerResponse): void {
  const { body, signal } = upload
  const { socket } = request
  const cut = (): void => {
    socket.destroy()
  }
  signal.addEventListener('abort', cut, { once: true })
  body.once('error', cut)
  response.on('error', () => undefined)
  const leave = (): void => {
    signal.removeEventListener('abort', cut)
    body.off('error', cut)
    body.unpipe(response)
    socket.off('close', leave)
    // After a report this changes nothing: the first ending counts.
    upload.broken()
  }
  socket.once('close', leave)
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    connection: 'keep-alive',
    ...(upload.size === undefined ? {} : { 'content-length': upload.size }),
  })
  response.flushHeaders()
  body.pipe(response)
  readOutcome(request).then((outcome) => {
    upload.report(outcome)
    leave()
    // What is left of the image is nobody's: the connection could not be used again.
    if (!response.writableFinished) cut()
  }, cut)
}

async function readOutcome(request: IncomingMessage): Promise<UploadOutcome> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length
    if (size > MOST_OUTCOME_BYTES) throw new GlanceError('BadRequest', 'the outcome is too long')
    parts.push(part)
  }
  const outcome = JSON.parse(Buffer.concat(parts).toString()) as UploadOutcome
  if (typeof outcome.ok !== 'boolean') throw new GlanceError('BadRequest', 'the outcome is malformed')
  return outcome
}
