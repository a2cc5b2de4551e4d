import { constants } from 'node:fs'
import { type FileHandle, lstat, open, stat, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { GlanceError } from '@glance/shared/errors/error'
import type { OpenObject } from '../driver.ts'
import type { DataDir } from './datadirs.ts'
import { errnoOf, reading, removing } from './errno.ts'
import { FileBytes } from './file-bytes.ts'
import { isDirectChild, pathOf, realPathOf } from './location.ts'

/** Links are not followed by accident, and a pipe that somebody put there does not hold the thread. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** Bytes read at a time: large enough for speed, whatever `filesystem_store_chunk_size` says. */
const SMALLEST_BLOCK = 256 * 1024
const LARGEST_BLOCK = 1024 * 1024

export interface ReadOptions {
  readonly range?: { readonly first: number; readonly last: number }
  readonly signal: AbortSignal
  /** Bytes the operator wants read at a time. */
  readonly chunkSize: number
}

/**
 * Opens the object a location names.
 * @throws GlanceError BadRequest, StoreObjectNotFound, StoreUnavailable; what the signal is aborted with
 */
export async function openObject(url: string, dirs: readonly DataDir[], options: ReadOptions): Promise<OpenObject> {
  options.signal.throwIfAborted()
  const file = await openFile(pathOf(url, dirs), dirs)
  try {
    const status = await reading(file.stat())
    if (!status.isFile()) throw new GlanceError('StoreObjectNotFound')
    options.signal.throwIfAborted()
    return lendOut(file, status.size, options)
  } catch (thrown) {
    await file.close()
    throw thrown
  }
}

async function openFile(path: string, dirs: readonly DataDir[]): Promise<FileHandle> {
  if (isDirectChild(path, dirs)) {
    try {
      return await open(path, OPEN_FLAGS)
    } catch (thrown) {
      if (errnoOf(thrown) !== 'ELOOP') return reading(Promise.reject(thrown))
    }
  }
  return reading(open(await realPathOf(path, dirs), OPEN_FLAGS))
}

function lendOut(file: FileHandle, size: number, { range, signal, chunkSize }: ReadOptions): OpenObject {
  const { first: start, last } = range ?? { first: 0, last: size - 1 }
  const length = last - start + 1
  if (last >= size)
    throw new GlanceError('StoreUnavailable', `The object holds ${size} bytes, and bytes ${start}-${last} were wanted.`)
  const block = Math.min(Math.max(chunkSize, SMALLEST_BLOCK), LARGEST_BLOCK)
  const bytes = new FileBytes(file, { start, length, block })
  const abort = (): void => void bytes.destroy(reasonOf(signal))
  signal.addEventListener('abort', abort)
  bytes.once('close', () => signal.removeEventListener('abort', abort))
  // The reader hears of a failure; one that comes before it listens must not end the process.
  bytes.on('error', () => undefined)
  return { bytes, length, file: { fd: file.fd, start } }
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new GlanceError('StoreUnavailable', 'The read was given up.')
}

/**
 * Size in bytes of the object a location names.
 * @throws GlanceError BadRequest, StoreObjectNotFound, StoreUnavailable
 */
export async function sizeOf(url: string, dirs: readonly DataDir[]): Promise<number> {
  const path = pathOf(url, dirs)
  const found = isDirectChild(path, dirs) ? await reading(lstat(path)) : undefined
  const status = found?.isSymbolicLink() === false ? found : await reading(stat(await realPathOf(path, dirs)))
  if (!status.isFile()) throw new GlanceError('StoreObjectNotFound')
  return status.size
}

/**
 * Removes the object a location names; of a link the link, not what it leads to.
 * @throws GlanceError BadRequest, StoreObjectNotFound, StoreWriteDenied, StoreUnavailable
 */
export async function removeObject(url: string, dirs: readonly DataDir[]): Promise<void> {
  const path = pathOf(url, dirs)
  if (!isDirectChild(path, dirs)) await realPathOf(dirname(path), dirs)
  await removing(unlink(path))
}
