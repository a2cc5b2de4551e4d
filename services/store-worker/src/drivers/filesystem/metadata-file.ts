import { readFile } from 'node:fs/promises'
import { StoreConfigError } from '../driver.ts'

type Share = Readonly<Record<string, unknown>> & { readonly id: string; readonly mountpoint: string }

/** Finds what is to be said of the location of a file. */
export type MetadataOf = (path: string) => Readonly<Record<string, unknown>>

/**
 * Reads `filesystem_store_metadata_file`: a JSON object, or a list of objects, with `id` and `mountpoint`. A location
 * carries the object whose mountpoint holds the file; of several the innermost.
 * @throws StoreConfigError when the file cannot be read or says something else
 */
export async function openMetadata(file: string | undefined): Promise<MetadataOf> {
  if (file === undefined || file === '') return () => ({})
  const shares = parseShares(await read(file), file)
  const innermostFirst = [...shares].sort((a, b) => b.mountpoint.length - a.mountpoint.length)
  return (path) => innermostFirst.find(({ mountpoint }) => holds(mountpoint, path)) ?? {}
}

function holds(mountpoint: string, path: string): boolean {
  return path === mountpoint || path.startsWith(mountpoint.endsWith('/') ? mountpoint : `${mountpoint}/`)
}

async function read(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new StoreConfigError(`filesystem_store_metadata_file ${file} must be a JSON file: ${reason}`, { cause })
  }
}

function parseShares(value: unknown, file: string): readonly Share[] {
  const entries: readonly unknown[] = Array.isArray(value) ? value : [value]
  const stranger = entries.findIndex((entry) => !isShare(entry))
  if (stranger < 0) return entries.filter(isShare)
  const where = Array.isArray(value) ? ` at entry ${stranger + 1}` : ''
  throw new StoreConfigError(
    `filesystem_store_metadata_file ${file} must hold objects with the texts id and mountpoint${where}`,
  )
}

function isShare(value: unknown): value is Share {
  if (typeof value !== 'object' || value === null || !('id' in value) || !('mountpoint' in value)) return false
  return typeof value.id === 'string' && typeof value.mountpoint === 'string' && value.mountpoint.startsWith('/')
}
