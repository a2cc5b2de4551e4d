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

/** A directory and the bytes it has room for. */
export interface Room {
  readonly dir: DataDir
  readonly bytes: number
}

/**
 * Of the directories with room for `size` bytes those of the highest priority, of these the one with the most room.
 * @throws GlanceError StoreFull when none has room
 */
export function pickRoom(rooms: readonly Room[], size: number): DataDir {
  const [best] = rooms
    .filter(({ bytes }) => bytes >= size)
    .sort((a, b) => b.dir.priority - a.dir.priority || b.bytes - a.bytes)
  if (best === undefined) throw new GlanceError('StoreFull')
  return best.dir
}

/**
 * Where the next image goes. A store of one directory takes what comes until the disk is full.
 * @param size bytes; when unknown any room will do
 * @throws GlanceError StoreFull when no directory has room, StoreUnavailable when all are away
 */
export async function chooseDir(dirs: readonly DataDir[], size = 1): Promise<DataDir> {
  const [only, ...others] = dirs
  if (only !== undefined && others.length === 0) return only
  const found = await Promise.allSettled(dirs.map(async (dir) => ({ dir, bytes: await freeBytes(dir) })))
  const rooms = found.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  // One directory that is away must not keep images from the others.
  for (const each of found) if (each.status === 'rejected' && rooms.length === 0) throw each.reason
  return pickRoom(rooms, size)
}

async function freeBytes({ path }: DataDir): Promise<number> {
  const { bavail, bsize } = await writing(statfs(path))
  return bavail * bsize
}
