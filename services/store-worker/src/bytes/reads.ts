import { randomBytes } from 'node:crypto'
import type { OpenDownload } from '@glance/shared/contracts/bytes'
import type { ByteRange } from '@glance/shared/contracts/transfer'
import { GlanceError } from '@glance/shared/errors/error'
import type { StoreDriver } from '../drivers/driver.ts'

/** A read that may be taken once. */
export interface ReadiedRead {
  readonly driver: StoreDriver
  readonly url: string
  readonly imageId: string
  /** Bytes of the object. */
  readonly size: number
}

/** Reads that were readied for somebody, by their tickets. */
export interface Reads {
  /** Readies a read for 60 s. */
  ready(read: ReadiedRead): { ticket: string }
  /**
   * Opens a readied read, once. Throws TicketRefused for a ticket that is unknown, used or expired,
   * RangeNotSatisfiable for a range outside the object, and what the driver throws.
   */
  take(ticket: string, options: { range?: ByteRange; signal: AbortSignal }): Promise<TakenRead>
}

/** An opened read and what it is of. */
export interface TakenRead extends OpenDownload {
  readonly imageId: string
  /** Bytes of the whole object. */
  readonly size: number
}

const TICKET_BYTES = 32
const TTL_MS = 60_000

/** Opens the register. */
export function openReads(): Reads {
  // Insertion is in order of expiry: the oldest come first.
  const readied = new Map<string, ReadiedRead & { expiresAt: number }>()
  const dropExpired = (now: number): void => {
    for (const [ticket, { expiresAt }] of readied) {
      if (expiresAt > now) return
      readied.delete(ticket)
    }
  }
  return {
    ready: (read) => {
      const now = performance.now()
      dropExpired(now)
      // A guess is as likely as a guessed key: looking it up in a map tells nothing by its time.
      const ticket = randomBytes(TICKET_BYTES).toString('base64url')
      readied.set(ticket, { ...read, expiresAt: now + TTL_MS })
      return { ticket }
    },
    take: async (ticket, { range, signal }) => {
      const read = readied.get(ticket)
      readied.delete(ticket)
      if (read === undefined || read.expiresAt <= performance.now()) throw new GlanceError('TicketRefused')
      const { driver, url, imageId, size } = read
      if (range !== undefined && (range.first > range.last || range.last >= size)) {
        throw new GlanceError('RangeNotSatisfiable')
      }
      const object = await driver.get(url, { signal, ...(range && { range }) })
      return { ...object, imageId, size }
    },
  }
}
