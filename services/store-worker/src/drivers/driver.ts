import type { Readable } from 'node:stream'
import type { ByteRange } from '@glance/shared/contracts/transfer'

/** What `OpenObject.bytes` may be when the driver can lend its buffers. */
export { LendingReadable, type Taker } from '@glance/shared/bytes/lending'

/**
 * What a store can do beyond put, get, stat and delete:
 * `write` takes data; `range` reads from any offset; `list` tells its objects, for the reconciler.
 */
export type Capability = 'write' | 'range' | 'list'

/** Where an object was put: `url` is kept in the image's location, `metadata` beside it. */
export interface Placed {
  readonly url: string
  readonly metadata: Readonly<Record<string, unknown>>
  /** Bytes that arrived. */
  readonly size: number
}

export interface PutOptions {
  /** Names this attempt: residue carries it, so that one attempt never removes another's bytes. */
  readonly attempt: string
  /** Announced size in bytes, when known; the caller checks it, a driver may use it to choose a place. */
  readonly size?: number
  readonly signal: AbortSignal
}

/** An opened read. Destroying `bytes` frees everything. */
export interface OpenObject {
  readonly bytes: Readable
  /** Bytes that will come: the range's, or all. */
  readonly length: number
  /** Set when the bytes lie in a local file, so that the kernel can send them; the descriptor closes with `bytes`. */
  readonly file?: { readonly fd: number; readonly start: number }
}

/** One object or residue in a store, as `list` tells it. */
export interface ListedObject {
  readonly imageId: string
  /** As `put` told it; of residue a URL that no location ever has. */
  readonly url: string
  /** Other URLs that mean the same object, as older services or operators may have written them. */
  readonly aliases?: readonly string[]
  /** Set for residue of an unfinished attempt; such bytes are not visible as an object. */
  readonly attempt?: string
  readonly modifiedAt: Date
}

/** Thrown when opening a store: nothing but another configuration helps. The message names option and rule. */
export class StoreConfigError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'StoreConfigError'
  }
}

/** What a driver is told beside its options. */
export interface DriverSetting {
  readonly storeId: string
  /** Tells the operator; `fields` never hold secrets. */
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
}

/**
 * A store. Keys are image ids. All methods throw only GlanceError: StoreObjectNotFound, StoreFull, StoreWriteDenied,
 * StoreUnavailable, StoreReadOnly, StoreObjectInUse, Duplicate, BadRequest for a URL that is not this store's.
 *
 * Undefined: what `get` of an object being deleted yields after its first byte.
 */
export interface StoreDriver {
  readonly can: ReadonlySet<Capability>
  /**
   * Takes all of `bytes`; visible whole or not at all. A chunk is only valid until the next is asked for. When
   * `bytes` throws or `signal` aborts, nothing of the attempt is left and that error is rethrown. An object under
   * the same key that a dead attempt left is replaced: the caller holds the image's lease. Duplicate when another
   * attempt finished meanwhile, where the driver can tell.
   *
   * The guard sees to it that `bytes` throws the signal's reason as soon as it aborts; a driver need only stop
   * what it does itself.
   */
  put(imageId: string, bytes: AsyncIterable<Uint8Array>, options: PutOptions): Promise<Placed>
  /** Opens an object, or a range of it (ends inclusive, already checked against the size). */
  get(url: string, options: { range?: ByteRange; signal: AbortSignal }): Promise<OpenObject>
  stat(url: string): Promise<{ size: number }>
  /** Absent -> StoreObjectNotFound. */
  delete(url: string): Promise<void>
  /** Removes what an attempt left unfinished; nothing there is no error. Never touches a finished object. */
  discard(imageId: string, attempt: string): Promise<void>
  /** Locations of the finished objects under an image's key, known to the registry or not; none is no error. */
  find(imageId: string): Promise<readonly string[]>
  /** Objects and residue, in any order, never all in memory. Only with `list`. */
  list?(): AsyncIterable<ListedObject>
  close(): Promise<void>
}
