import type { Duplex } from 'node:stream'
import { errorBody, reasonOf } from './error-body.ts'

/** What the HTTP parser says about bytes it could not take for a request. */
export interface ParserFault extends Error {
  readonly code?: string
  /** What had arrived; bytes, whatever the framework's types say. */
  readonly rawPacket?: unknown
}

/** The status for a request line whose method the HTTP parser does not know, and the methods it could have had. */
export type UnknownMethod = (path: string) => { status: number; allow?: string }

const REQUEST_LINE = /^([!#$%&'*+\-.^_`|~\w]+) (\S+) HTTP\/1\.[01]\r?\n/
const STATUS_OF: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
}
/** How long a connection may stay half open after such an answer, in ms. */
const LINGER_MS = 2_000

/**
 * Answers a request that never became one, on the bare connection, and closes it. A connection that was reset, or on
 * which an answer is under way, is only closed.
 */
export function answerParserFault(fault: ParserFault, socket: Duplex, unknownMethod: UnknownMethod): void {
  const inAnswer = (socket as { _httpMessage?: { headersSent?: boolean } })._httpMessage?.headersSent === true
  if (fault.code === 'ECONNRESET' || !socket.writable || inAnswer) {
    socket.destroy()
    return
  }
  const { status, allow } = statusOf(fault, unknownMethod)
  const body = errorBody(status, 'The request could not be understood.', 'plain')
  const lines = [
    `HTTP/1.1 ${status} ${reasonOf(status)}`,
    ...(allow === undefined ? [] : [`Allow: ${allow}`]),
    `Content-Type: ${body.contentType}`,
    `Content-Length: ${Buffer.byteLength(body.text)}`,
    'Connection: close',
  ]
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body.text}`)
  const timer = setTimeout(() => socket.destroy(), LINGER_MS)
  socket.once('close', () => clearTimeout(timer))
  socket.on('error', () => socket.destroy())
}

function statusOf(fault: ParserFault, unknownMethod: UnknownMethod): { status: number; allow?: string } {
  if (fault.code === 'HPE_INVALID_METHOD' && fault.rawPacket instanceof Buffer) {
    const line = REQUEST_LINE.exec(fault.rawPacket.subarray(0, 8192).toString('latin1'))
    if (line?.[2] !== undefined) return unknownMethod(line[2].split('?', 1)[0] ?? '')
  }
  return { status: STATUS_OF[fault.code ?? ''] ?? 400 }
}
