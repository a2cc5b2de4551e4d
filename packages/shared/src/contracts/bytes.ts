import type { Readable } from 'node:stream'
import type { WireError } from '../errors/error.ts'
import type { ByteAddress, ByteRange } from './transfer.ts'

/**
 * The byte plane between api and store worker.
 *
 * Upload: the worker opens `POST {address}/uploads` with the ticket in a header. The answer's body is the image;
 * the request's own body stays open and carries, at the end, one JSON UploadOutcome. So one connection is one
 * transfer, and either side learns of the other's death when it breaks.
 * Download: the api opens `GET {address}/downloads` with the ticket and, for a part, a Range header.
 * Inside one process both seams are handed over in memory, and `address` is MEMORY_ADDRESS.
 */
export const UPLOADS_PATH = '/uploads'
export const DOWNLOADS_PATH = '/downloads'
export const TICKET_HEADER = 'x-glance-ticket'
export const MEMORY_ADDRESS = 'memory:'

/** What a worker tells the api when an upload is over. */
export type UploadOutcome = { ok: true } | { ok: false; error: WireError }

/** An upload as the worker that took it sees it. */
export interface OpenUpload {
  /** Never destroyed by the worker, which stops reading and reports: whoever sends is owed an answer. */
  readonly bytes: Readable
  /** Aborts when nobody waits for the transfer any more: the client broke off, or the api went away or gave up. */
  readonly signal: AbortSignal
  /** Tells the waiting api how it ended; the first call counts. */
  report(outcome: UploadOutcome): Promise<void>
}

/** Worker's view: takes an offered upload, once. Throws TicketRefused when it is gone or was taken. */
export interface UploadSource {
  open(at: ByteAddress, signal: AbortSignal): Promise<OpenUpload>
}

/** A readable object, or a part of it. Closing `bytes` frees everything. */
export interface OpenDownload {
  readonly bytes: Readable
  /** Bytes that will come. */
  readonly length: number
  /** Set when the bytes lie in a local file of this machine, so that the kernel can send them itself. */
  readonly file?: { readonly fd: number; readonly start: number }
}

/** Api's view: opens a read that a worker readied. Throws TicketRefused or StoreUnavailable. */
export interface DownloadSource {
  open(at: ByteAddress, options: { range?: ByteRange; signal: AbortSignal }): Promise<OpenDownload>
}
