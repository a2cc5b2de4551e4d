import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { sendDownload } from '@glance/shared/bytes/send'
import { DOWNLOADS_PATH, TICKET_HEADER } from '@glance/shared/contracts/bytes'
import type { ByteRange } from '@glance/shared/contracts/transfer'
import { encodeError, GlanceError, isCode, toGlanceError } from '@glance/shared/errors/error'
import type { Log } from '@glance/shared/log'
import type { Reads, TakenRead } from './reads.ts'

/**
 * The worker's byte plane (contracts/bytes): `GET /downloads` with a ticket answers the readied object, or the part
 * a Range header names; a failure is answered with its status and `{"code", "message"}`. Knows no policy: the ticket is
 * the right to the bytes.
 */
export function createDownloadServer({ reads, log }: { reads: Reads; log: Log }): Server {
  const server = createServer((request, response) => {
    serve(reads, { request, response }).catch((thrown: unknown) => {
      const error = toGlanceError(thrown)
      const remote = request.socket.remoteAddress
      if (isCode(error, 'ClientGone')) log.debug({ remote }, 'reader went away')
      else log.warn({ remote, err: error }, 'read not served')
      refuse(response, error)
    })
  })
  // Readers may be slow; each answer is watched by itself.
  server.timeout = 0
  return server
}

async function serve(
  reads: Reads,
  { request, response }: { request: IncomingMessage; response: ServerResponse },
): Promise<void> {
  if (request.url !== DOWNLOADS_PATH) throw new GlanceError('NotFound')
  if (request.method !== 'GET') throw new GlanceError('MethodNotAllowed')
  const ticket = request.headers[TICKET_HEADER]
  const range = parseRange(request.headers.range)
  const gone = new AbortController()
  response.once('close', () => gone.abort(new GlanceError('ClientGone')))
  const read = await reads.take(typeof ticket === 'string' ? ticket : '', {
    signal: gone.signal,
    ...(range && { range }),
  })
  response.writeHead(range === undefined ? 200 : 206, headersOf(read, range))
  const { broken } = await sendDownload(response, read, gone.signal)
  if (broken !== undefined) throw broken
  response.end()
}

function headersOf(read: TakenRead, range: ByteRange | undefined): Record<string, string | number> {
  const headers = { 'content-type': 'application/octet-stream', 'content-length': read.length }
  if (range === undefined) return headers
  return { ...headers, 'content-range': `bytes ${range.first}-${range.last}/${read.size}` }
}

/** The one form of range that the api asks for: both ends given. */
function parseRange(header: string | undefined): ByteRange | undefined {
  if (header === undefined) return undefined
  const [, first, last] = /^bytes=(\d{1,15})-(\d{1,15})$/.exec(header) ?? []
  if (first === undefined || last === undefined) throw new GlanceError('BadRequest', 'Range must be bytes=first-last')
  return { first: Number(first), last: Number(last) }
}

/** Tells the failure, or, when the answer has begun, breaks the connection: the only way left. */
function refuse(response: ServerResponse, error: GlanceError): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const text = Buffer.from(JSON.stringify(encodeError(error)))
  // The api reads answers of known length only.
  response.writeHead(error.row.status, { 'content-type': 'application/json', 'content-length': text.length })
  response.end(text)
}
