import { Readable } from 'node:stream'
import { GlanceError } from '@glance/shared/errors/error'
import type { Capability, ListedObject, OpenObject, StoreDriver } from './driver.ts'

export interface MemoryOptions {
  /** Bytes the whole store may hold, unfinished objects included; unlimited when left out. */
  readonly sizeLimit?: number
}

interface Held {
  readonly imageId: string
  readonly attempt: string
  readonly chunks: Uint8Array[]
  size: number
  modifiedAt: Date
}

const CAN: ReadonlySet<Capability> = new Set<Capability>(['write', 'range', 'list'])
const SCHEME = 'memory:///'

/** A store in the memory of this process, for tests: it says by its shortness what a driver has to do. */
export function openMemoryStore({ sizeLimit = Number.POSITIVE_INFINITY }: MemoryOptions = {}): StoreDriver {
  const objects = new Map<string, Held>()
  const parts = new Set<Held>()
  let total = 0

  const grow = (held: Held, chunk: Uint8Array): void => {
    if (total + chunk.length > sizeLimit) throw new GlanceError('StoreFull')
    // The chunk is the caller's again when the next is asked for.
    held.chunks.push(Uint8Array.from(chunk))
    held.size += chunk.length
    held.modifiedAt = new Date()
    total += chunk.length
  }
  const drop = (held: Held | undefined): void => {
    total -= held?.size ?? 0
  }
  const find = (url: string): Held => {
    if (!url.startsWith(SCHEME)) throw new GlanceError('BadRequest', 'The location is not in this store.')
    const held = objects.get(url.slice(SCHEME.length))
    if (held === undefined) throw new GlanceError('StoreObjectNotFound')
    return held
  }

  return {
    can: CAN,
    async put(imageId, bytes, { attempt, signal }) {
      signal.throwIfAborted()
      const held: Held = { imageId, attempt, chunks: [], size: 0, modifiedAt: new Date() }
      parts.add(held)
      try {
        for await (const chunk of bytes) grow(held, chunk)
        signal.throwIfAborted()
      } catch (thrown) {
        if (parts.delete(held)) drop(held)
        throw thrown
      }
      parts.delete(held)
      drop(objects.get(imageId))
      objects.set(imageId, held)
      return { url: SCHEME + imageId, metadata: {}, size: held.size }
    },
    async get(url, { range, signal }) {
      signal.throwIfAborted()
      return open(find(url), { ...(range && { range }), signal })
    },
    stat: async (url) => ({ size: find(url).size }),
    async delete(url) {
      const held = find(url)
      objects.delete(held.imageId)
      drop(held)
    },
    find: async (imageId) => (objects.has(imageId) ? [SCHEME + imageId] : []),
    async discard(imageId, attempt) {
      for (const held of parts) {
        if (held.imageId === imageId && held.attempt === attempt && parts.delete(held)) drop(held)
      }
    },
    async *list(): AsyncGenerator<ListedObject> {
      for (const { imageId, modifiedAt } of objects.values()) yield { imageId, url: SCHEME + imageId, modifiedAt }
      for (const { imageId, attempt, modifiedAt } of parts)
        yield { imageId, attempt, modifiedAt, url: `${SCHEME}${imageId}/${attempt}` }
    },
    close: async () => objects.clear(),
  }
}

function open(
  held: Held,
  { range, signal }: { range?: { first: number; last: number }; signal: AbortSignal },
): OpenObject {
  const { first, last } = range ?? { first: 0, last: held.size - 1 }
  if (last >= held.size)
    throw new GlanceError(
      'StoreUnavailable',
      `The object holds ${held.size} bytes, and bytes ${first}-${last} were wanted.`,
    )
  const bytes = Readable.from(slices(held.chunks, first, last), { objectMode: false, highWaterMark: 1, signal })
  // The reader hears of a failure; one that comes before it listens must not end the process.
  bytes.on('error', () => undefined)
  return { bytes, length: last - first + 1 }
}

function* slices(chunks: readonly Uint8Array[], first: number, last: number): Generator<Uint8Array> {
  let at = 0
  for (const chunk of chunks) {
    const [start, end] = [Math.max(first - at, 0), Math.min(last + 1 - at, chunk.length)]
    if (start < end) yield chunk.subarray(start, end)
    at += chunk.length
  }
}
