import { type FileHandle, open, unlink } from 'node:fs/promises'
import { GlanceError } from '@glance/shared/errors/error'
import { errnoOf, writing } from './errno.ts'
import { dataRuns } from './sparse.ts'
import { type FlushGate, openWriteBack, type WriteBack } from './write-back.ts'

/** Most bytes in one system call, so that an abort is noticed between them. */
const MOUTHFUL = 4 * 1024 * 1024

export interface PartOptions {
  readonly mode: number | undefined
  /** Size of blocks that become holes when they hold only zeros; undefined writes everything. */
  readonly hole: number | undefined
  readonly isDurable: boolean
  readonly gate: FlushGate
  readonly signal: AbortSignal
}

/** What tells one file from another that later has the same name. */
export interface FileIdentity {
  readonly ino: bigint
  readonly mtimeNs: bigint
}

/** The unfinished file of one attempt. Methods throw StoreFull, StoreWriteDenied and StoreUnavailable. */
export interface PartFile {
  readonly path: string
  /** Bytes written so far. */
  readonly size: number
  /** Writes all of `chunk` behind what is there. */
  append(chunk: Uint8Array): Promise<void>
  /** Brings everything to the disk, when that is wanted, and closes. */
  finish(): Promise<FileIdentity>
  /**
   * Removes the file. Resolves as soon as its name is gone; `closed` tells when its descriptor is, which may have to
   * wait for the disk.
   */
  abandon(): Promise<void>
  readonly closed: Promise<void>
}

/**
 * Makes the file of an attempt. A file that an earlier run of the same attempt left is replaced.
 * @throws GlanceError StoreFull, StoreWriteDenied, StoreUnavailable
 */
export async function openPartFile(path: string, options: PartOptions): Promise<PartFile> {
  const file = await writing(create(path))
  const writeBack = options.isDurable ? openWriteBack(file, options.gate) : undefined
  return new OpenPartFile(path, { ...options, file, writeBack })
}

async function create(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx')
  } catch (thrown) {
    if (errnoOf(thrown) !== 'EEXIST') throw thrown
    await unlink(path)
    return await open(path, 'wx')
  }
}

class OpenPartFile implements PartFile {
  readonly path: string
  readonly closed: Promise<void>
  readonly #file: FileHandle
  readonly #writeBack: WriteBack | undefined
  readonly #options: PartOptions
  #size = 0
  #writtenTo = 0
  #close: () => void = () => undefined

  constructor(path: string, options: PartOptions & { file: FileHandle; writeBack: WriteBack | undefined }) {
    this.path = path
    this.#file = options.file
    this.#writeBack = options.writeBack
    this.#options = options
    const asked = new Promise<void>((resolve) => {
      this.#close = resolve
    })
    this.closed = asked.then(() => this.#file.close())
    this.closed.catch(() => undefined)
  }

  get size(): number {
    return this.#size
  }

  async append(chunk: Uint8Array): Promise<void> {
    const { hole } = this.#options
    const runs = hole === undefined ? [{ start: 0, end: chunk.length }] : dataRuns(chunk, this.#size, hole)
    for (const { start, end } of runs) await this.#write(chunk.subarray(start, end), this.#size + start)
    this.#size += chunk.length
    this.#writeBack?.advance(this.#writtenTo)
  }

  async #write(bytes: Uint8Array, position: number): Promise<void> {
    let done = 0
    while (done < bytes.length) {
      this.#options.signal.throwIfAborted()
      const length = Math.min(bytes.length - done, MOUTHFUL)
      const { bytesWritten } = await writing(this.#file.write(bytes, done, length, position + done))
      if (bytesWritten === 0) throw new GlanceError('StoreUnavailable', 'The store takes no more data.')
      done += bytesWritten
    }
    this.#writtenTo = position + done
  }

  async finish(): Promise<FileIdentity> {
    const { mode } = this.#options
    // The end of the file is a hole that no write has reached.
    if (this.#writtenTo < this.#size) await writing(this.#file.truncate(this.#size))
    if (mode !== undefined) await writing(this.#file.chmod(mode))
    await this.#writeBack?.finish()
    const { ino, mtimeNs } = await writing(this.#file.stat({ bigint: true }))
    this.#close()
    await writing(this.closed)
    return { ino, mtimeNs }
  }

  async abandon(): Promise<void> {
    this.#close()
    // What cannot be removed now is residue, which the reconciler sees.
    await unlink(this.path).catch(() => undefined)
  }
}
