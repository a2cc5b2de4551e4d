import { constants, createReadStream } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { CommandError } from './command-error.ts'
import { HttpError } from './http-error.ts'
import type { Io } from './io.ts'
import { asObjects } from './json.ts'
import { type Progress, startProgress } from './progress.ts'
import type { ImageService } from './service.ts'

/** Large enough that a file is read in few calls, small enough not to matter for memory. */
const CHUNK_BYTES = 1024 * 1024

/** Image bytes on this side, not opened yet. */
export interface ImageData {
  readonly open: () => Readable
  /** Bytes, when it can be told beforehand. */
  readonly size: number | undefined
}

/**
 * The bytes to send: those of `file`, or of standard input if something is redirected there; undefined if neither.
 *
 * @throws CommandError when the file cannot be read
 */
export async function findImageData(file: string | undefined, io: Io): Promise<ImageData | undefined> {
  if (!file) return io.stdin.kind === 'data' ? { open: io.stdin.stream, size: io.stdin.size } : undefined
  try {
    await access(file, constants.R_OK)
    const found = await stat(file)
    if (found.isDirectory()) throw new CommandError(`File ${file} is a directory`)
    return {
      open: () => createReadStream(file, { highWaterMark: CHUNK_BYTES }),
      size: found.isFile() ? found.size : undefined,
    }
  } catch (error) {
    if (error instanceof CommandError) throw error
    throw new CommandError(`File ${file} does not exist or user does not have read privileges to it`)
  }
}

export interface SendOptions {
  readonly data: ImageData
  /** Announced size in bytes; that of the data when absent. */
  readonly size?: number | undefined
  readonly store?: string | undefined
  readonly progress?: boolean | undefined
  readonly io: Io
}

/** Streams image bytes to a path of the service; the size is announced when known. */
export async function sendImageData(service: ImageService, path: string, options: SendOptions): Promise<void> {
  const { data } = options
  const size = options.size ?? data.size
  const bar = options.progress ? await startProgress(options.io.stdout, data.size) : undefined
  try {
    const reply = await service.send('PUT', path, {
      data: counted(data.open(), bar),
      headers: {
        ...(size === undefined ? {} : { 'x-openstack-image-size': String(size) }),
        ...(options.store ? { 'x-image-meta-store': options.store } : {}),
      },
    })
    reply.body.resume()
  } finally {
    bar?.stop()
  }
}

function counted(source: Readable, bar: Progress | undefined): Readable {
  return bar ? Readable.from(counting(source, bar), { objectMode: false }) : source
}

async function* counting(source: Readable, bar: Progress): AsyncGenerator<Uint8Array> {
  for await (const chunk of source as AsyncIterable<Uint8Array>) {
    bar.add(chunk.length)
    yield chunk
  }
}

/**
 * Makes sure a store exists before anything is sent to it; services without several stores cannot tell.
 *
 * @throws CommandError for an unknown store
 */
export async function checkStore(service: ImageService, store: string): Promise<void> {
  const ids = await storeIds(service)
  if (ids !== undefined && !ids.includes(store))
    throw new CommandError(
      `Store '${store}' is not valid for this cloud. Valid values can be retrieved with stores-info command.`,
    )
}

async function storeIds(service: ImageService): Promise<readonly unknown[] | undefined> {
  try {
    const { stores } = await service.json('GET', '/v2/info/stores')
    return asObjects(stores).map((store) => store.id)
  } catch (error) {
    if (error instanceof HttpError && error.status === 404) return undefined
    throw error
  }
}
