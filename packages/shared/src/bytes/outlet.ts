import type { ServerResponse } from 'node:http'
import { GlanceError, toGlanceError } from '../errors/error.ts'

/** The way to a client: the content of one HTTP answer, with back-pressure and an eye on whether anybody still waits. */
export interface Outlet {
  readonly response: ServerResponse
  /** Bytes that are on their way to the client, in order. */
  readonly sent: number
  /** Queues bytes; waits while too many are queued. They must not change afterwards. */
  queue(bytes: Uint8Array): Promise<void>
  /** Writes bytes; when it returns they, and all before them, are with the kernel. */
  write(bytes: Uint8Array): Promise<void>
  /** Counts bytes that went into the socket some other way. */
  count(bytes: number): void
  /** Throws ClientGone when the connection broke, or what the signal was aborted with. */
  throwIfGone(): void
  /** Ends the watch on connection and signal. */
  close(): void
}

/** Opens the way to the client that waits for `response`. All its waits end with ClientGone or the signal's reason. */
export function openOutlet(response: ServerResponse, signal: AbortSignal): Outlet {
  let sent = 0
  let reason: unknown
  let wake: ((reason: unknown) => void) | undefined
  const leave = (why: unknown): void => {
    reason ??= why
    wake?.(reason)
  }
  const onClose = (): void => leave(new GlanceError('ClientGone'))
  const onAbort = (): void => leave(signal.reason ?? new GlanceError('ClientGone'))
  response.on('close', onClose)
  response.on('error', onClose)
  signal.addEventListener('abort', onAbort)
  if (signal.aborted) onAbort()
  else if (response.destroyed || response.socket?.destroyed === true) onClose()

  const throwIfGone = (): void => {
    if (reason !== undefined) throw toGlanceError(reason)
  }
  /** Waits for a call-back, but no longer than the client does. */
  const wait = async (start: (done: (failure?: Error | null) => void) => void): Promise<void> => {
    throwIfGone()
    try {
      await new Promise<void>((resolve, reject) => {
        wake = reject
        start((failure) => (failure ? reject(new GlanceError('ClientGone', undefined, { cause: failure })) : resolve()))
      })
    } finally {
      wake = undefined
    }
  }

  return {
    response,
    get sent() {
      return sent
    },
    queue: async (bytes) => {
      throwIfGone()
      sent += bytes.length
      if (!response.write(bytes)) await wait((done) => response.once('drain', done))
    },
    write: async (bytes) => {
      throwIfGone()
      sent += bytes.length
      await wait((done) => response.write(bytes, done))
    },
    count: (bytes) => {
      sent += bytes
    },
    throwIfGone,
    close: () => {
      response.off('close', onClose)
      response.off('error', onClose)
      signal.removeEventListener('abort', onAbort)
    },
  }
}
