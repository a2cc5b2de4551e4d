import { rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { GlanceError } from '@glance/shared/errors/error'
import type { Capability, DriverSetting, ListedObject, Placed, PutOptions, StoreDriver } from '../driver.ts'
import { dirsOf, type FilesystemOptions, fileModeOf } from './config.ts'
import { chooseDir, type DataDir, openDataDirs } from './datadirs.ts'
import { isAbsent, writing } from './errno.ts'
import { identityOf, isSameFile, listDir, syncDir } from './listing.ts'
import { partName, urlOf } from './location.ts'
import { type MetadataOf, openMetadata } from './metadata-file.ts'
import { openObject, removeObject, sizeOf } from './objects.ts'
import { type FileIdentity, openPartFile, type PartFile } from './part-file.ts'
import { openPatience, type Patience } from './patience.ts'
import { holeSize } from './sparse.ts'
import { type FlushGate, openFlushGate } from './write-back.ts'

interface Store {
  readonly options: FilesystemOptions
  readonly dirs: readonly DataDir[]
  readonly mode: number | undefined
  readonly metadataOf: MetadataOf
  readonly patience: Patience
  readonly gate: FlushGate
  /** Descriptors of abandoned files that wait for the disk. */
  readonly closing: Set<Promise<void>>
}

/** One put: `before` holds what was there under the same name, by directory, when it began. */
interface Putting {
  readonly imageId: string
  readonly dir: DataDir
  readonly before: readonly (FileIdentity | undefined)[]
  readonly part: PartFile
  readonly signal: AbortSignal
}

const CAN: ReadonlySet<Capability> = new Set<Capability>(['write', 'range', 'list'])

/**
 * Opens a store of files: one file an image, named by the image's id. Missing directories are made.
 * @throws StoreConfigError for options that cannot be; GlanceError StoreUnavailable when a directory cannot be used
 */
export async function openFilesystemStore(options: FilesystemOptions, setting: DriverSetting): Promise<StoreDriver> {
  const mode = fileModeOf(options)
  const places = dirsOf(options)
  const metadataOf = await openMetadata(options.filesystem_store_metadata_file)
  const dirs = await openDataDirs(places, mode)
  const patience = openPatience({
    timeoutMs: options.filesystem_store_timeout * 1000,
    atOnce: options.filesystem_store_thread_pool_size,
    warnAt: options.filesystem_store_threadpool_threshold,
    warn: setting.warn,
  })
  const store: Store = { options, dirs, mode, metadataOf, patience, gate: openFlushGate(), closing: new Set() }
  const chunkSize = options.filesystem_store_chunk_size
  return {
    can: CAN,
    put: (imageId, bytes, about) => put(store, { imageId, bytes, about }),
    get: (url, about) => openObject(url, dirs, { ...about, chunkSize }),
    stat: async (url) => ({ size: await patience(() => sizeOf(url, dirs)) }),
    delete: (url) => patience(() => removeObject(url, dirs)),
    find: (imageId) => patience(() => find(dirs, imageId)),
    discard: (imageId, attempt) => discard(dirs, partName(imageId, attempt)),
    list: () => list(dirs),
    close: async () => {
      await Promise.allSettled(store.closing)
    },
  }
}

async function put(
  store: Store,
  { imageId, bytes, about }: { imageId: string; bytes: AsyncIterable<Uint8Array>; about: PutOptions },
): Promise<Placed> {
  const { options, dirs, mode, gate } = store
  const { signal, attempt, size } = about
  signal.throwIfAborted()
  const dir = await chooseDir(dirs, size)
  const before = await Promise.all(dirs.map(({ path }) => identityOf(join(path, imageId))))
  const part = await openPartFile(join(dir.path, partName(imageId, attempt)), {
    mode,
    hole: options.filesystem_thin_provisioning ? holeSize(options.filesystem_store_chunk_size) : undefined,
    isDurable: options.filesystem_store_fsync,
    gate,
    signal,
  })
  try {
    for await (const chunk of bytes) await part.append(chunk)
    const path = await publish(store, { imageId, dir, before, part, signal })
    return { url: urlOf(path), metadata: store.metadataOf(path), size: part.size }
  } catch (thrown) {
    const { closed } = part
    store.closing.add(closed)
    closed.catch(() => undefined).finally(() => store.closing.delete(closed))
    await part.abandon()
    throw thrown
  }
}

/** Makes the finished file visible under the image's id. Up to the rename an abort undoes everything; after it nothing. */
async function publish(store: Store, putting: Putting): Promise<string> {
  const { dirs, options } = store
  const { imageId, dir, before, part, signal } = putting
  const mine = await untilAborted(part.finish(), signal)
  for (const [index, { path }] of dirs.entries()) {
    // A worker that lost its lease without noticing must not replace what its successor has stored.
    if (!isSameFile(before[index], await identityOf(join(path, imageId)))) throw new GlanceError('Duplicate')
  }
  signal.throwIfAborted()
  const path = join(dir.path, imageId)
  await writing(rename(part.path, path))
  if (options.filesystem_store_fsync) await keepName(dir, path, mine)
  for (const other of dirs) {
    if (other !== dir) await unlink(join(other.path, imageId)).catch(ignoreAbsent)
  }
  return path
}

async function keepName(dir: DataDir, path: string, mine: FileIdentity): Promise<void> {
  try {
    await syncDir(dir.path)
  } catch (thrown) {
    if (isSameFile(mine, await identityOf(path))) await unlink(path).catch(ignoreAbsent)
    throw thrown
  }
}

async function find(dirs: readonly DataDir[], imageId: string): Promise<string[]> {
  const paths = dirs.map(({ path }) => join(path, imageId))
  const identities = await Promise.all(paths.map(identityOf))
  return paths.filter((_, index) => identities[index] !== undefined).map(urlOf)
}

async function discard(dirs: readonly DataDir[], name: string): Promise<void> {
  for (const { path } of dirs) await writing(unlink(join(path, name)).catch(ignoreAbsent))
}

async function* list(dirs: readonly DataDir[]): AsyncGenerator<ListedObject> {
  for (const dir of dirs) yield* listDir(dir)
}

function ignoreAbsent(thrown: unknown): void {
  if (!isAbsent(thrown)) throw thrown
}

/** Waits for `work`, but not longer than until the signal aborts; the work itself goes on. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    if (signal.aborted) abort()
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
