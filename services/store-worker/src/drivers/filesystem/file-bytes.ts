import type { FileHandle } from 'node:fs/promises'
import { GlanceError, toGlanceError } from '@glance/shared/errors/error'
import { LendingReadable, type Taker } from '../driver.ts'
import { reading } from './errno.ts'

/** Where a read begins and how much it yields; bytes. */
export interface FileSpan {
  readonly start: number
  readonly length: number
  /** Bytes read at a time. */
  readonly block: number
}

/**
 * The bytes of an open file, or of a part of it. Owns the file: it is closed once, when the stream has ended or was
 * destroyed, read or not. Errors with StoreUnavailable when the file cannot be read or ends too soon.
 */
export class FileBytes extends LendingReadable {
  readonly #file: FileHandle
  readonly #block: number
  #position: number
  #left: number

  constructor(file: FileHandle, { start, length, block }: FileSpan) {
    super({ highWaterMark: 1 })
    this.#file = file
    this.#block = block
    this.#position = start
    this.#left = length
  }

  override _read(): void {
    if (this.#left === 0) {
      this.push(null)
      return
    }
    const buffer = Buffer.allocUnsafeSlow(Math.min(this.#block, this.#left))
    this.#fill(buffer).then(
      (bytes) => this.push(bytes),
      (thrown) => this.destroy(toGlanceError(thrown)),
    )
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    // Waits for a read that is under way.
    this.#file.close().then(
      () => done(error),
      () => done(error),
    )
  }

  async lend(take: Taker): Promise<void> {
    const buffer = Buffer.allocUnsafeSlow(Math.min(this.#block, this.#left))
    try {
      while (this.#left > 0) {
        if (this.destroyed) throw this.errored ?? new GlanceError('StoreUnavailable', 'The read was given up.')
        await take(await this.#fill(buffer))
      }
    } finally {
      this.destroy()
    }
  }

  /** Reads what comes next into `buffer`, and returns the part that was filled. */
  async #fill(buffer: Buffer): Promise<Buffer> {
    const size = Math.min(buffer.length, this.#left)
    const { bytesRead } = await reading(this.#file.read(buffer, 0, size, this.#position))
    if (bytesRead === 0) throw new GlanceError('StoreUnavailable', `The object ends ${this.#left} bytes too soon.`)
    this.#position += bytesRead
    this.#left -= bytesRead
    return buffer.subarray(0, bytesRead)
  }
}
