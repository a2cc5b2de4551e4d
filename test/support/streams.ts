import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'

const BLOCK = 1 << 20

export interface PatternOptions {
  /** Total length in bytes; may be huge, nothing of that size is held. */
  readonly bytes: number
  /** The same seed gives the same bytes; 1 when absent. */
  readonly seed?: number
  /** Length of each chunk in bytes, at most 1 MiB; 64 KiB when absent. */
  readonly chunkBytes?: number
}

/** Bytes that look random, differ from page to page and come again with the same seed and chunk length. */
export function patternStream(options: PatternOptions): Readable {
  return Readable.from(patternChunks(options), { objectMode: false, highWaterMark: options.chunkBytes ?? 65_536 })
}

/** As {@link patternStream}, with a pause before each chunk. */
export function slowStream(options: PatternOptions & { readonly delayMs: number }): Readable {
  return Readable.from(
    (async function* () {
      for (const chunk of patternChunks(options)) {
        await sleep(options.delayMs)
        yield chunk
      }
    })(),
    { objectMode: false, highWaterMark: 1 },
  )
}

/** As {@link patternStream}, but breaks with `error` after `bytes` bytes instead of ending. */
export function brokenStream(options: PatternOptions & { readonly error?: Error }): Readable {
  return Readable.from(
    (async function* () {
      yield* patternChunks(options)
      throw options.error ?? new Error('the source broke')
    })(),
    { objectMode: false },
  )
}

/** As {@link patternStream}, but neither ends nor gives more after `bytes` bytes, until it is destroyed. */
export function stalledStream(options: PatternOptions): Readable {
  const chunks = patternChunks(options)
  return new Readable({
    read() {
      const next = chunks.next()
      if (next.done !== true) this.push(next.value)
    },
  })
}

function* patternChunks(options: PatternOptions): Generator<Buffer> {
  const { bytes, seed = 1, chunkBytes = 65_536 } = options
  if (!(chunkBytes > 0 && chunkBytes <= BLOCK)) throw new RangeError(`chunkBytes ${chunkBytes}: 1 to ${BLOCK}`)
  const block = pseudoRandomBlock(seed)
  let counter = 0
  for (let sent = 0; sent < bytes; sent += chunkBytes) {
    // A copy: whoever reads may keep the chunk.
    const chunk = Buffer.from(block.subarray(0, Math.min(chunkBytes, bytes - sent)))
    for (let offset = 0; offset + 8 <= chunk.length; offset += 4096) chunk.writeDoubleLE(counter++, offset)
    yield chunk
  }
}

/** Marsaglia's xorshift32: quick, and the same on every machine. */
function pseudoRandomBlock(seed: number): Buffer {
  const words = new Uint32Array(BLOCK / 4)
  let state = seed >>> 0 || 1
  for (let index = 0; index < words.length; index++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    words[index] = state >>> 0
  }
  return Buffer.from(words.buffer)
}
