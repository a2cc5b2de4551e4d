import type { Readable } from 'node:stream'
import type { CallContext } from '@glance/shared/context'
import type { OpenDownload, UploadOutcome } from '@glance/shared/contracts/bytes'
import type { ByteAddress, ByteRange } from '@glance/shared/contracts/transfer'

/** An upload whose bytes a client sends us, before anybody takes it. */
export interface PendingUpload {
  /**
   * The client's request body. The desk reads it only after a worker took the offer, with back-pressure, and never
   * destroys it: whatever is unread when the offer ends is the route's to drain (so no `pipeline`, and no
   * `for await` without `destroyOnReturn: false`). A body that errors before its end breaks the worker's stream too.
   */
  readonly body: Readable
  /** Length in bytes that the body is sure to have, or to break off. */
  readonly size?: number
  /** Aborts when the client breaks off: the worker's stream is broken, so that it never takes a part for the whole. */
  readonly signal: AbortSignal
}

/** An upload on offer to one worker. */
export interface UploadOffer {
  /** What the registry tells the worker: where to pull from, and the one-time ticket. */
  readonly source: ByteAddress
  /** Resolves when a worker has connected with the ticket; stays pending otherwise. Never rejects. */
  readonly taken: Promise<void>
  /**
   * Resolves with what the worker reported. Rejects with StoreUnavailable when the worker's connection broke without
   * a report. After `withdraw` of an untaken offer it stays pending. A rejection nobody awaits is no crash.
   */
  readonly outcome: Promise<UploadOutcome>
  /** Ends the offer: an unknown ticket from now on; a worker that took it sees its stream break. Idempotent. */
  withdraw(): void
}

/** Holds clients' uploads until workers pull them. */
export interface UploadDesk {
  offer(upload: PendingUpload): UploadOffer
}

/** Where data may be read from, best first. */
export interface DownloadPlace {
  readonly store: string
  readonly url: string
}

/** A wish to read an image, or a part of it. */
export interface DownloadWish {
  readonly imageId: string
  readonly context: CallContext
  /** At least one. Tried in order. */
  readonly places: readonly DownloadPlace[]
  /** Both ends inclusive and inside the image. */
  readonly range?: ByteRange
  /** Aborts when the client is gone; open reads are freed. */
  readonly signal: AbortSignal
}

/** An open read that outlives the place it was opened at. */
export interface ResumableDownload extends OpenDownload {
  /**
   * Opens the rest, at the next place that has the object, after `sent` bytes of this read have gone to the client.
   * Frees what was open. Undefined when no place is left. Called only when this read broke midway.
   */
  resume(sent: number): Promise<ResumableDownload | undefined>
}

/** Opens reads at store workers. */
export interface DownloadDesk {
  /**
   * Opens the first place that can be read. Throws, when none can: StoreObjectNotFound if every place lacks the
   * object; otherwise the first other failure (StoreUnavailable, BadRequest for a range the store cannot read …).
   */
  openFirst(wish: DownloadWish): Promise<ResumableDownload>
}
