import { DOWNLOADS_PATH, type DownloadSource, type OpenDownload, TICKET_HEADER } from '../contracts/bytes.ts'
import type { ByteAddress, ByteRange } from '../contracts/transfer.ts'
import { GlanceError, toGlanceError } from '../errors/error.ts'
import { HttpBody } from './http-body.ts'
import type { ResponseHead } from './response-head.ts'
import { parseWireError } from './wire-error.ts'

/** An error's JSON is short; more is not read. */
const LARGEST_ERROR = 64 * 1024

/**
 * Opens downloads at the byte plane of a store worker. One connection is one download.
 * `open` throws TicketRefused, StoreUnavailable, what the worker answers, or what the signal is aborted with; a stream
 * that breaks later errors with StoreUnavailable.
 *
 * @param answerMs longest wait for the head of an answer, in ms
 */
export function openHttpDownloads({ answerMs = 15_000 }: { answerMs?: number } = {}): DownloadSource {
  return { open: (at, options) => open(at, { ...options, answerMs }) }
}

async function open(
  at: ByteAddress,
  { range, signal, answerMs }: { range?: ByteRange; signal: AbortSignal; answerMs: number },
): Promise<OpenDownload> {
  signal.throwIfAborted()
  const { hostname, port, host } = new URL(at.address)
  const target = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port === '' ? 80 : port) }
  const body = new HttpBody(target, request({ host, ticket: at.ticket, ...(range && { range }) }))
  // The reader hears of the failure; an 'error' event that comes before it listens must not end the process.
  body.on('error', () => undefined)
  const abort = (): void => void body.destroy(toGlanceError(signal.reason))
  signal.addEventListener('abort', abort)
  body.once('close', () => signal.removeEventListener('abort', abort))
  const late = setTimeout(() => {
    body.destroy(new GlanceError('StoreUnavailable', 'the store worker does not answer'))
  }, answerMs)
  try {
    const head = await body.head
    if (head.status !== (range === undefined ? 200 : 206)) throw await failureOf(body, head)
    return { bytes: body, length: Number(head.fields.get('content-length')) }
  } catch (thrown) {
    body.destroy()
    throw thrown
  } finally {
    clearTimeout(late)
  }
}

function request({ host, ticket, range }: { host: string; ticket: string; range?: ByteRange }): string {
  const lines = [`GET ${DOWNLOADS_PATH} HTTP/1.1`, `host: ${host}`, `${TICKET_HEADER}: ${ticket}`, 'connection: close']
  if (range !== undefined) lines.push(`range: bytes=${range.first}-${range.last}`)
  if (lines.some((line) => /[\r\n]/.test(line))) throw new GlanceError('TicketRefused')
  return `${lines.join('\r\n')}\r\n\r\n`
}

async function failureOf(body: HttpBody, head: ResponseHead): Promise<GlanceError> {
  const parts: Uint8Array[] = []
  let size = 0
  await body.lend(async (bytes) => {
    size += bytes.length
    if (size > LARGEST_ERROR) throw new GlanceError('StoreUnavailable', `the store worker answered ${head.status}`)
    parts.push(Uint8Array.from(bytes))
  })
  const told = parseWireError(Buffer.concat(parts).toString())
  if (told !== undefined) return told
  if (head.status === 401 || head.status === 404) return new GlanceError('TicketRefused')
  return new GlanceError('StoreUnavailable', `the store worker answered ${head.status}`)
}
