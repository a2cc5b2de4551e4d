import { randomBytes } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { OpenUpload, UploadOutcome, UploadSource } from '@glance/shared/contracts/bytes'
import { deferred } from '@glance/shared/deferred'
import { GlanceError } from '@glance/shared/errors/error'
import type { PendingUpload, UploadDesk, UploadOffer } from './desk.ts'

/** An upload that a worker took: what the byte plane moves, and where its end is told. */
export interface TakenUpload {
  readonly body: Readable
  readonly size?: number
  /** Aborts when the client is gone or the offer was withdrawn: the worker's stream must break. */
  readonly signal: AbortSignal
  report(outcome: UploadOutcome): void
  /** The worker is gone without a word. */
  broken(): void
}

/** Holds clients' uploads until a worker comes with the ticket. */
export interface Uploads extends UploadDesk {
  /** Hands an upload over, once. Throws TicketRefused for a ticket that is unknown, used or withdrawn. */
  take(ticket: string): TakenUpload
}

/** Opens the desk; `address` is where workers reach this process's byte plane. */
export function openUploads(address: () => string): Uploads {
  const offers = new Map<string, () => TakenUpload>()
  return {
    offer: (upload) => makeOffer(upload, { offers, address: address() }),
    take: (ticket) => {
      const take = offers.get(ticket)
      if (take === undefined) throw new GlanceError('TicketRefused')
      offers.delete(ticket)
      return take()
    },
  }
}

function makeOffer(
  upload: PendingUpload,
  desk: { offers: Map<string, () => TakenUpload>; address: string },
): UploadOffer {
  const ticket = randomBytes(32).toString('base64url')
  const ended = new AbortController()
  const taken = deferred<void>()
  const outcome = deferred<UploadOutcome>()
  const withdraw = (): void => {
    desk.offers.delete(ticket)
    ended.abort()
  }
  upload.signal.addEventListener('abort', withdraw, { once: true })
  if (upload.signal.aborted) withdraw()
  else {
    desk.offers.set(ticket, () => {
      taken.resolve()
      return {
        body: upload.body,
        ...(upload.size === undefined ? {} : { size: upload.size }),
        signal: ended.signal,
        report: outcome.resolve,
        broken: () =>
          outcome.reject(new GlanceError('StoreUnavailable', 'the store worker went away during the transfer')),
      }
    })
  }
  return { source: { address: desk.address, ticket }, taken: taken.promise, outcome: outcome.promise, withdraw }
}

/** The worker's view of the desk inside one process: the client's stream itself is handed over. */
export function memoryUploadSource(uploads: Uploads): UploadSource {
  return {
    open: async (at): Promise<OpenUpload> => {
      const { body, signal, report } = uploads.take(at.ticket)
      return { bytes: body, signal, report: async (outcome) => report(outcome) }
    },
  }
}
