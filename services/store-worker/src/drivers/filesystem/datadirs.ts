import { access, chmod, constants, mkdir, realpath, stat, statfs } from 'node:fs/promises'
import { GlanceError } from '@glance/shared/errors/error'
import { StoreConfigError } from '../driver.ts'
import type { PlacedDir } from './config.ts'
import { writing } from './errno.ts'

/** A directory of a store. */
export interface DataDir extends PlacedDir {
  /** The path with all symbolic links followed. */
  readonly realPath: string
}

const { R_OK, W_OK, X_OK } = constants

/**
 * Readies the directories: missing ones are made, and group and others may pass where image files are theirs.
 * @throws StoreConfigError when two names lead to one directory; GlanceError StoreUnavailable when one cannot be made
 * or written, with the path in the message, which goes to the operator's log and to nobody else
 */
export async function openDataDirs(places: readonly PlacedDir[], fileMode?: number): Promise<readonly DataDir[]> {
  const dirs: DataDir[] = []
  for (const place of places) {
    const realPath = await ready(place.path, fileMode ?? 0)
    const twin = dirs.find((dir) => dir.realPath === realPath)
    if (twin !== undefined)
      throw new StoreConfigError(
        `filesystem_store_datadirs must name a directory once: ${place.path} leads to ${twin.path}`,
      )
    dirs.push({ ...place, realPath })
  }
  return dirs
}

async function ready(path: string, fileMode: number): Promise<string> {
  try {
    await mkdir(path, { recursive: true })
    await access(path, R_OK | W_OK | X_OK)
    const { mode } = await stat(path)
    const passable = mode | passBits(fileMode)
    if (passable !== mode) await chmod(path, passable & 0o7777)
    return await realpath(path)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new GlanceError('StoreUnavailable', `directory ${path} cannot be used: ${reason}`, { cause })
  }
}

/** Whoever may use the files must be able to pass their directory. */
function passBits(fileMode: number): number {
  return ((fileMode & 0o070) !== 0 ? 0o010 : 0) | ((fileMode & 0o007) !== 0 ? 0o001 : 0)
}

/**
 * Where the next image goes: of the directories with room for it those of the highest priority, of these the one
 * with the most room. A store of one directory takes what comes until the disk is full.
 * @param size bytes; when unknown any room will do
 * @throws GlanceError StoreFull when none has room
 */
export async function chooseDir(dirs: readonly DataDir[], size = 1): Promise<DataDir> {
  const [only, ...others] = dirs
  if (only !== undefined && others.length === 0) return only
  const roomy: { dir: DataDir; room: number }[] = []
  const failures: unknown[] = []
  for (const dir of dirs) {
    // One directory that is away must not keep images from the others.
    const room = await freeBytes(dir).catch((thrown: unknown) => failures.push(thrown) && -1)
    if (room >= size) roomy.push({ dir, room })
  }
  roomy.sort((a, b) => b.dir.priority - a.dir.priority || b.room - a.room)
  const best = roomy[0]
  if (best !== undefined) return best.dir
  if (failures.length === dirs.length) throw failures[0]
  throw new GlanceError('StoreFull')
}

async function freeBytes({ path }: DataDir): Promise<number> {
  const { bavail, bsize } = await writing(statfs(path))
  return bavail * bsize
}
