import { Readable } from 'node:stream'

/** Takes bytes that are only valid until its promise settles. */
export type Taker = (bytes: Uint8Array) => Promise<void>

/**
 * A stream that can also lend its bytes in one buffer used over and over, which spares an allocation and the cold
 * cache of a fresh buffer per chunk. Read in the ordinary way it yields chunks of their own.
 */
export abstract class LendingReadable extends Readable {
  /** Gives all bytes to `take`, each chunk after the last was taken. Rejects with what broke the stream, or with what `take` threw. */
  abstract lend(take: Taker): Promise<void>
}
