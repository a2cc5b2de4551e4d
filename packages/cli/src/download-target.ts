import { randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { open, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Writable } from 'node:stream'
import { CommandError } from './command-error.ts'
import { reason } from './http.ts'
import type { Io } from './io.ts'

/** Where a download is written. */
export interface DownloadTarget {
  readonly stream: Writable
  /** Whether the stream is to be ended after the last byte. */
  readonly ends: boolean
  /** Makes what was written the file's content; call after the stream has finished. */
  keep(): Promise<void>
  /** Removes what was written. */
  discard(): Promise<void>
}

const done = () => Promise.resolve()

/**
 * Opens a file for a download, or standard output when none is named. A regular file is written under a temporary
 * name beside it and takes its name only when kept; pipes and devices are written directly.
 *
 * @throws CommandError when the file cannot be written
 */
export async function openTarget(file: string | undefined, io: Io): Promise<DownloadTarget> {
  if (!file) return { stream: io.stdout, ends: false, keep: done, discard: done }
  try {
    const existing = await stat(file).catch(() => undefined)
    if (existing?.isDirectory()) throw new CommandError('it is a directory')
    if (existing && !existing.isFile())
      return { stream: createWriteStream(file), ends: true, keep: done, discard: done }
    // Behind a symbolic link the file it names is replaced, not the link.
    return await openTemporary(existing ? await realpath(file) : file, existing?.mode)
  } catch (error) {
    throw new CommandError(`Unable to write file ${file}: ${reason(error)}`)
  }
}

const PERMISSION_BITS = 0o777

async function openTemporary(file: string, mode: number | undefined): Promise<DownloadTarget> {
  const temporary = join(dirname(file), `.${basename(file)}.${randomBytes(4).toString('hex')}.part`)
  const handle = await open(temporary, 'wx')
  if (mode !== undefined) await handle.chmod(mode & PERMISSION_BITS)
  return {
    stream: handle.createWriteStream(),
    ends: true,
    keep: () => rename(temporary, file),
    discard: () => rm(temporary, { force: true }),
  }
}
