import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http'
import type { Socket } from 'node:net'
import { parseWireError } from '@glance/shared/bytes/wire-error'
import {
  type OpenUpload,
  TICKET_HEADER,
  UPLOADS_PATH,
  type UploadOutcome,
  type UploadSource,
} from '@glance/shared/contracts/bytes'
import type { ByteAddress } from '@glance/shared/contracts/transfer'
import { GlanceError, toGlanceError } from '@glance/shared/errors/error'

/** An error's JSON is short; more is not read. */
const LARGEST_ERROR = 64 * 1024
/** How long the api may take to hear an outcome out before its connection is cut. */
const REPORT_WITHIN_MS = 10_000

/**
 * Pulls uploads from the api that holds them. One connection is one upload: the answer's content is the image, the
 * request's content stays open and carries the outcome.
 * `open` throws TicketRefused, StoreUnavailable when the api cannot be reached, or the signal's reason.
 *
 * @param answerMs longest wait for the head of an answer, in ms
 */
export function openUploadSource({ answerMs = 15_000 }: { answerMs?: number } = {}): UploadSource {
  return {
    open: async (at, signal) => {
      const asking = ask(at, signal)
      const answer = await answerTo(asking, { signal, answerMs })
      if (answer.statusCode !== 200) throw await refusalOf(asking, answer)
      return openUpload(asking, answer)
    },
  }
}

function ask(at: ByteAddress, signal: AbortSignal): ClientRequest {
  signal.throwIfAborted()
  const asking = request(new URL(UPLOADS_PATH, at.address), {
    method: 'POST',
    // Without keep-alive Node closes the connection when the image ends, before the outcome is sent.
    agent: new Agent({ keepAlive: true }),
    headers: { [TICKET_HEADER]: at.ticket, 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
  })
  asking.flushHeaders()
  return asking
}

function answerTo(
  asking: ClientRequest,
  { signal, answerMs }: { signal: AbortSignal; answerMs: number },
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const fail = (error: GlanceError): void => {
      settle()
      asking.destroy()
      reject(error)
    }
    const onError = (cause: Error): void => fail(unreachable(cause))
    const onAbort = (): void => fail(toGlanceError(signal.reason))
    const late = setTimeout(() => fail(unreachable()), answerMs)
    const settle = (): void => {
      clearTimeout(late)
      signal.removeEventListener('abort', onAbort)
    }
    // Stays: a connection that breaks later is told by the answer's stream.
    asking.on('error', onError)
    signal.addEventListener('abort', onAbort)
    asking.once('response', (answer) => {
      settle()
      resolve(answer)
    })
  })
}

function unreachable(cause?: Error): GlanceError {
  return new GlanceError('StoreUnavailable', 'the server that holds the upload does not answer', { cause })
}

async function refusalOf(asking: ClientRequest, answer: IncomingMessage): Promise<GlanceError> {
  let text = ''
  try {
    for await (const part of answer) {
      text += String(part)
      if (text.length > LARGEST_ERROR) break
    }
  } catch {
    text = ''
  }
  asking.destroy()
  const told = parseWireError(text)
  if (told !== undefined) return told
  if (answer.statusCode === 401 || answer.statusCode === 404) return new GlanceError('TicketRefused')
  return unreachable(new Error(`status ${answer.statusCode}`))
}

function openUpload(asking: ClientRequest, answer: IncomingMessage): OpenUpload {
  const gone = new AbortController()
  // Node takes the socket off the answer once both sides are at their end.
  const { socket } = answer
  let isReported = false
  // The connection itself is watched: the stream may be paused, or read to its end.
  socket.once('close', () => {
    if (!isReported) gone.abort(new GlanceError('ClientGone'))
  })
  answer.on('error', () => undefined)
  return {
    bytes: answer,
    signal: gone.signal,
    report: async (outcome) => {
      if (isReported) return
      isReported = true
      await sendOutcome({ asking, answer, socket }, outcome)
      socket.destroy()
    },
  }
}

/**
 * Sends the outcome and waits until the api has it: it then closes the connection, or, after a whole image, lets the
 * request end. Never throws: nobody is left to be told.
 */
async function sendOutcome(
  { asking, answer, socket }: { asking: ClientRequest; answer: IncomingMessage; socket: Socket },
  outcome: UploadOutcome,
): Promise<void> {
  if (asking.destroyed || socket.destroyed) return
  await new Promise<void>((resolve) => {
    const late = setTimeout(resolve, REPORT_WITHIN_MS)
    const done = (): void => {
      clearTimeout(late)
      resolve()
    }
    asking.once('close', done)
    socket.once('close', done)
    asking.end(JSON.stringify(outcome))
    // What is left of the image hides the closing behind it.
    answer.resume()
  })
}
