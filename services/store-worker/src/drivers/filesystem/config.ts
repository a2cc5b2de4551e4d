import { resolve } from 'node:path'
import { StoreConfigError } from '../driver.ts'

/** The options of a file store, as the operator's file names them. */
export interface FilesystemOptions {
  /** Absent or empty when several directories are given. */
  readonly filesystem_store_datadir?: string
  /** DIR:PRIORITY; without a priority it is 0. */
  readonly filesystem_store_datadirs: readonly string[]
  readonly filesystem_store_metadata_file: string | undefined
  /** File mode; 0 leaves it to the process. */
  readonly filesystem_store_file_perm: number
  /** Bytes. */
  readonly filesystem_store_chunk_size: number
  readonly filesystem_store_fsync: boolean
  readonly filesystem_thin_provisioning: boolean
  /** Seconds. */
  readonly filesystem_store_timeout: number
  readonly filesystem_store_thread_pool_size: number
  /** Percent. */
  readonly filesystem_store_threadpool_threshold: number
}

/** One directory to write to; the highest priority is tried first. */
export interface PlacedDir {
  readonly path: string
  readonly priority: number
}

const OWNER_READS = 0o400
const MODE_BITS = 0o777

/**
 * The directories that the options name, absolute.
 * @throws StoreConfigError when they are given both ways, not at all, twice, or with a priority that is no number
 */
export function dirsOf(options: FilesystemOptions): readonly PlacedDir[] {
  const { filesystem_store_datadir: single = '', filesystem_store_datadirs: several } = options
  if (several.length === 0) {
    if (single.trim() === '')
      throw new StoreConfigError('filesystem_store_datadir or filesystem_store_datadirs must be set')
    return [{ path: resolve(single.trim()), priority: 0 }]
  }
  if (single.trim() !== '')
    throw new StoreConfigError('filesystem_store_datadir and filesystem_store_datadirs must not both be set')
  const dirs = several.map(parseDir)
  for (const [index, { path }] of dirs.entries()) {
    if (dirs.findIndex((dir) => dir.path === path) !== index)
      throw new StoreConfigError(`filesystem_store_datadirs must name ${path} once`)
  }
  return dirs
}

function parseDir(text: string): PlacedDir {
  const [, path = '', priority = ''] = /^(.*?)(?::([^:/]*))?$/s.exec(text.trim()) ?? []
  const isNumber = /^\s*([+-]?\d+)?\s*$/.test(priority)
  if (path.trim() === '' || !isNumber)
    throw new StoreConfigError(`filesystem_store_datadirs must hold DIRECTORY:PRIORITY, given ${JSON.stringify(text)}`)
  return { path: resolve(path.trim()), priority: Number(priority) }
}

/**
 * The mode image files get, or undefined when it is left to the process.
 * @throws StoreConfigError when the owner could not read them, or for bits that are not read, write or execute
 */
export function fileModeOf({ filesystem_store_file_perm: mode }: FilesystemOptions): number | undefined {
  if (mode === 0) return undefined
  const text = mode.toString(8)
  if ((mode & ~MODE_BITS) !== 0)
    throw new StoreConfigError(`filesystem_store_file_perm must be a mode of three octal digits, given ${text}`)
  if ((mode & OWNER_READS) === 0)
    throw new StoreConfigError(`filesystem_store_file_perm must let the owner read, given ${text}`)
  return mode
}
