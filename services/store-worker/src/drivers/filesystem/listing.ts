import { type BigIntStats, constants, type Dirent } from 'node:fs'
import { lstat, open, opendir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ListedObject } from '../driver.ts'
import type { DataDir } from './datadirs.ts'
import { errnoOf, isAbsent, reading, writing } from './errno.ts'
import { aliasesOf, parseName, urlOf } from './location.ts'
import type { FileIdentity } from './part-file.ts'

/** Directory entries fetched at once. */
const AT_ONCE = 256

/** Every object and residue of a directory; files of other names, and what is no plain file, are not ours. */
export async function* listDir(dir: DataDir): AsyncGenerator<ListedObject> {
  const entries = await reading(opendir(dir.path, { bufferSize: AT_ONCE }))
  for await (const entry of entries) {
    const named = ours(entry)
    if (named === undefined) continue
    const path = join(dir.path, entry.name)
    const found = await reading(statusOf(path))
    // It went while the directory was read.
    if (!found?.isFile()) continue
    yield { ...named, url: urlOf(path), aliases: aliasesOf(path), modifiedAt: new Date(Number(found.mtimeMs)) }
  }
}

function ours(entry: Dirent): ReturnType<typeof parseName> {
  // Some file systems do not tell the type with the name.
  const mayBeFile =
    entry.isFile() || !(entry.isDirectory() || entry.isSymbolicLink() || entry.isFIFO() || entry.isSocket())
  return mayBeFile ? parseName(entry.name) : undefined
}

async function statusOf(path: string): Promise<BigIntStats | undefined> {
  try {
    return await lstat(path, { bigint: true })
  } catch (thrown) {
    if (isAbsent(thrown)) return undefined
    throw thrown
  }
}

/**
 * The file of that name now, for one who is about to write it, to see later whether it is another one; undefined when
 * there is none.
 */
export async function identityOf(path: string): Promise<FileIdentity | undefined> {
  const found = await writing(statusOf(path))
  return found && { ino: found.ino, mtimeNs: found.mtimeNs }
}

/** True when both are the same file, or none. */
export function isSameFile(a: FileIdentity | undefined, b: FileIdentity | undefined): boolean {
  return a?.ino === b?.ino && a?.mtimeNs === b?.mtimeNs
}

/** Brings the names of a directory to the disk. */
export async function syncDir(path: string): Promise<void> {
  const dir = await writing(open(path, constants.O_RDONLY | constants.O_DIRECTORY))
  try {
    await dir.sync()
  } catch (thrown) {
    // Some network file systems do not know this; their servers keep names on their own.
    if (errnoOf(thrown) !== 'EINVAL') await writing(Promise.reject(thrown))
  } finally {
    await dir.close()
  }
}
