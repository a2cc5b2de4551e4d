import { realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { GlanceError } from '@glance/shared/errors/error'
import type { DataDir } from './datadirs.ts'
import { reading } from './errno.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const PART = /^\.([0-9a-f-]{36})\.([A-Za-z0-9_-]+)\.part$/i

/** What a file's name in a data directory tells. */
export interface Named {
  readonly imageId: string
  readonly attempt?: string
}

/** The file an attempt writes to before it is renamed; in the same directory, so that the rename is atomic. */
export function partName(imageId: string, attempt: string): string {
  return `.${imageId}.${attempt}.part`
}

/** What a file of this name is: an object, residue of an attempt, or undefined for something not ours. */
export function parseName(name: string): Named | undefined {
  if (UUID.test(name)) return { imageId: name }
  const [, imageId = '', attempt = ''] = PART.exec(name) ?? []
  return UUID.test(imageId) ? { imageId, attempt } : undefined
}

/** The location of a file: the path as it is, which is how image services write it. */
export function urlOf(path: string): string {
  return `file://${path}`
}

/** Every other location that names the same file. */
export function aliasesOf(path: string): readonly string[] {
  const encoded = encodePath(path)
  return [`filesystem://${path}`, ...(encoded === path ? [] : [`file://${encoded}`, `filesystem://${encoded}`])]
}

function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}

/**
 * The file that a location names, by `file:///PATH` or `filesystem:///PATH`; the path may be percent-encoded
 * (RFC 8089) or not.
 * @throws GlanceError BadRequest when the path lies in none of the directories or names no object
 */
export function pathOf(url: string, dirs: readonly DataDir[]): string {
  const [, path] = /^(?:file|filesystem):\/\/(\/.*)$/s.exec(url) ?? []
  if (path === undefined) throw foreign()
  for (const dir of dirs) {
    const inside = below(path, dir.path) ?? decoded(below(path, encodePath(dir.path)))
    if (inside !== undefined && isObjectPath(inside)) return join(dir.path, inside)
  }
  throw foreign()
}

/**
 * Follows symbolic links to the file itself.
 * @throws GlanceError BadRequest when they lead out of the directories, StoreObjectNotFound when they lead nowhere
 */
export async function realPathOf(path: string, dirs: readonly DataDir[]): Promise<string> {
  const real = await reading(realpath(path))
  if (!dirs.some((dir) => below(real, dir.realPath) !== undefined)) throw foreign()
  return real
}

/** True when no link can lie between the directory and the file but the file itself. */
export function isDirectChild(path: string, dirs: readonly DataDir[]): boolean {
  const parent = dirname(path)
  return dirs.some((dir) => dir.path === parent)
}

function below(path: string, dir: string): string | undefined {
  const prefix = dir.endsWith('/') ? dir : `${dir}/`
  return path.startsWith(prefix) ? path.slice(prefix.length) : undefined
}

function decoded(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text)
  } catch {
    return undefined
  }
}

function isObjectPath(inside: string): boolean {
  const steps = inside.split('/')
  const isPlain = steps.every((step) => step !== '' && step !== '.' && step !== '..' && !step.includes('\0'))
  return isPlain && !PART.test(steps.at(-1) ?? '')
}

function foreign(): GlanceError {
  return new GlanceError('BadRequest', 'The location is not in this store.')
}
