import type { IncomingMessage } from 'node:http'
import { serviceContext } from '@glance/shared/context'
import { decodeError, GlanceError } from '@glance/shared/errors/error'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { UploadOffer } from '../../bytes/desk.ts'
import { sendContinue } from '../../http/body.ts'
import type { RouteKit } from '../kit.ts'

/** How long a worker may take to tell that it undid what a client broke off, in ms. */
const UNDO_GRACE_MS = 10_000

/** One upload as its request describes it. */
export interface UploadRequest {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly imageId: string
  /** Announced bytes. */
  readonly size: number | undefined
  readonly store: string | undefined
}

/** What a wait ended with when it was not the awaited thing. */
const ABORTED = Symbol('aborted')
const LATE = Symbol('late')

/**
 * Lets a worker pull the request's body, and returns when the data are stored. Throws what the worker or the registry
 * refused it with; Gone when the image was deleted meanwhile; StoreUnavailable when no worker took it in time, or its
 * connection broke before it told how it ended; ClientGone when the client broke off. Whatever happens, the image is
 * left active or on its way back to queued.
 */
export async function runUpload(kit: RouteKit, upload: UploadRequest): Promise<void> {
  const { raw } = upload.request
  const client = watchClient(raw)
  const { size, store, imageId } = upload
  const framed = sureLength(raw)
  const offer = kit.uploads.offer({
    body: raw,
    signal: client.signal,
    ...(framed === undefined ? {} : { size: framed }),
  })
  try {
    const { transferId } = await kit.registry.beginTransfer(upload.request.caller, {
      imageId,
      source: offer.source,
      ...(size === undefined ? {} : { size }),
      ...(store === undefined ? {} : { store }),
    })
    const fail = (reason: string) => giveUp(kit, { transferId, requestId: upload.request.caller.requestId, reason })
    const isTaken = await waitForWorker(offer, { seconds: kit.config.uploadWait, signal: client.signal })
    if (!isTaken) {
      offer.withdraw()
      const reason = client.signal.aborted ? 'the client broke off' : 'no worker took the upload in time'
      conclude(await fail(reason), client.signal.aborted ? client.signal.reason : unavailable(reason))
      return
    }
    sendContinue(upload.request, upload.reply)
    client.expectBytes(kit.config.uploadIdle)
    await settle(offer, { signal: client.signal, fail })
  } finally {
    offer.withdraw()
    client.stop()
  }
}

/** Bytes that HTTP itself frames the body with. What a client merely announces beside that may be untrue. */
function sureLength(raw: IncomingMessage): number | undefined {
  const length = raw.headers['content-length']
  return length === undefined ? undefined : Number(length)
}

/** True when a worker connected before the time was over and while the client was there. */
async function waitForWorker(offer: UploadOffer, until: { seconds: number; signal: AbortSignal }): Promise<boolean> {
  const first = await firstOf(
    offer.taken.then(() => true),
    { signal: until.signal, ms: until.seconds * 1000 },
  )
  return first === true
}

async function settle(
  offer: UploadOffer,
  on: { signal: AbortSignal; fail: (reason: string) => Promise<TransferEnd> },
): Promise<void> {
  const reported = offer.outcome.catch(() => undefined)
  const first = await firstOf(reported, { signal: on.signal })
  if (first === ABORTED || first === LATE) {
    // The worker sees its stream break, undoes what it wrote and says so; should it be gone as well, we say it.
    const undone = await firstOf(reported, { ms: UNDO_GRACE_MS })
    if (typeof undone !== 'object') await on.fail('the client broke off')
    throw on.signal.reason
  }
  if (first === undefined) {
    const reason = 'the connection to the worker broke'
    conclude(await on.fail(reason), unavailable(reason))
  } else if (!first.ok) {
    throw decodeError(first.error)
  }
}

/** What a transfer that nobody will report on has come to. */
type TransferEnd = 'failed' | 'completed' | 'gone'

/** Ends such a transfer. */
async function giveUp(
  { registry }: RouteKit,
  transfer: { transferId: string; requestId: string; reason: string },
): Promise<TransferEnd> {
  const { transferId, requestId, reason } = transfer
  const { outcome } = await registry.failTransfer(serviceContext(requestId), { transferId, reason })
  return outcome
}

/** Returns when the transfer had been completed after all; else throws Gone for a deleted image, or `failure`. */
function conclude(end: TransferEnd, failure: unknown): void {
  if (end === 'completed') return
  throw end === 'gone' ? new GlanceError('Gone') : failure
}

function unavailable(reason: string): GlanceError {
  return new GlanceError('StoreUnavailable', reason)
}

/** `wanted`, unless the signal aborts or the time is over before. `wanted` must not reject. */
async function firstOf<T>(
  wanted: Promise<T>,
  until: { signal?: AbortSignal; ms?: number },
): Promise<T | typeof ABORTED | typeof LATE> {
  const { signal, ms } = until
  if (signal?.aborted) return ABORTED
  let timer: NodeJS.Timeout | undefined
  let onAbort: (() => void) | undefined
  const end = new Promise<typeof ABORTED | typeof LATE>((resolve) => {
    onAbort = () => resolve(ABORTED)
    signal?.addEventListener('abort', onAbort, { once: true })
    if (ms !== undefined) timer = setTimeout(() => resolve(LATE), ms)
  })
  try {
    return await Promise.race([wanted, end])
  } finally {
    clearTimeout(timer)
    if (onAbort !== undefined) signal?.removeEventListener('abort', onAbort)
  }
}

interface ClientWatch {
  /** Aborts when the client breaks off, with the error to end with. */
  readonly signal: AbortSignal
  /** From now on a client that sends nothing for so many seconds counts as gone. */
  expectBytes(idleSeconds: number): void
  stop(): void
}

/** Watches a client send its body. A client that leaves after its last byte has not broken off. */
function watchClient(raw: IncomingMessage): ClientWatch {
  const controller = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const onClose = (): void => {
    if (!raw.readableEnded) controller.abort(new GlanceError('ClientGone'))
  }
  const ignore = (): void => undefined
  raw.on('close', onClose).on('error', ignore)
  if (raw.destroyed) onClose()
  return {
    signal: controller.signal,
    expectBytes: (idleSeconds) => {
      let before = -1
      timer = setInterval(() => {
        const { bytesRead } = raw.socket
        // Bytes that lie here unread are waited for by nobody but the worker.
        const isSilent = bytesRead === before && raw.readableLength === 0 && !raw.complete
        before = bytesRead
        const fault = `No byte of the image came for ${idleSeconds} seconds.`
        if (isSilent) controller.abort(new GlanceError('BadRequest', fault))
      }, idleSeconds * 1000)
    },
    stop: () => {
      clearInterval(timer)
      raw.off('close', onClose)
    },
  }
}
