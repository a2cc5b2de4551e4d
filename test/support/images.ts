import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findBinary } from './binaries.ts'
import { cleanEnv } from './child.ts'
import { makeTempDir, removeDir } from './temp-dir.ts'

const run = promisify(execFile)

const MIB = 1 << 20

/**
 * What the disk holds. `random`: bytes that no compressor shrinks, every 4 KiB page different.
 * `sparse`: a hole, but for one MiB of random bytes at its start and one at its end.
 */
export type Content = 'random' | 'sparse'

interface DiskSpec {
  /** Virtual size in bytes, a multiple of 512. */
  readonly size: number
  readonly content: Content
}

export type VmdkSubformat = 'streamOptimized' | 'monolithicSparse' | 'monolithicFlat'

/** An image as a builder makes it; the same spec gives the same file within one cache. */
export type ImageSpec =
  | ({ readonly format: 'raw' } & DiskSpec)
  | ({ readonly format: 'qcow2'; readonly version?: 2 | 3; readonly compressed?: boolean } & DiskSpec)
  /** A qcow2 whose header names another file on the host: what an inspector has to refuse. */
  | { readonly format: 'qcow2-with-backing-file'; readonly size: number; readonly backingFile: string }
  | ({ readonly format: 'vmdk'; readonly subformat: VmdkSubformat } & DiskSpec)
  | ({ readonly format: 'vhd' | 'vhdx'; readonly fixed?: boolean } & DiskSpec)
  | ({ readonly format: 'vdi' } & DiskSpec)
  /** An ISO 9660 file system with one file of `size` random bytes. */
  | { readonly format: 'iso'; readonly size: number }

export interface BuiltImage {
  /** The file to upload. A monolithicFlat vmdk is its small descriptor; the data lie beside it. */
  readonly path: string
  /** Length of that file in bytes. */
  readonly bytes: number
}

export interface ImageCache {
  readonly dir: string
  /** Builds the image with qemu-img or genisoimage, or returns the one built before. */
  build(spec: ImageSpec): Promise<BuiltImage>
  /** Removes what the cache made. A directory that was given stays, with its images. */
  close(): void
}

/**
 * Opens a cache of real disk images.
 * @param sharedDir directory in which several test processes of one run share their images; a new temporary one,
 *   removed by `close`, when absent
 */
export function openImageCache(sharedDir?: string): ImageCache {
  const dir = sharedDir ?? makeTempDir('images')
  mkdirSync(dir, { recursive: true })
  const building = new Map<string, Promise<BuiltImage>>()
  const build = (spec: ImageSpec): Promise<BuiltImage> => {
    const key = keyOf(spec)
    const known = building.get(key)
    if (known !== undefined) return known
    const started = buildOnce(dir, spec, build)
    building.set(key, started)
    started.catch(() => building.delete(key))
    return started
  }
  return {
    dir,
    build,
    close: () => {
      if (sharedDir === undefined) removeDir(dir)
    },
  }
}

type Build = (spec: ImageSpec) => Promise<BuiltImage>

/** Builds in a directory of its own and renames that: whoever sees the final name sees a whole image. */
async function buildOnce(cacheDir: string, spec: ImageSpec, build: Build): Promise<BuiltImage> {
  const place = join(cacheDir, keyOf(spec))
  const name = fileNameOf(spec)
  if (!existsSync(place)) {
    const workplace = `${place}.${randomBytes(4).toString('hex')}`
    mkdirSync(workplace)
    try {
      await make(spec, join(workplace, name), build)
      renameSync(workplace, place)
    } catch (error) {
      removeDir(workplace)
      // Another process may have finished the same image first; then the directory is there and not empty.
      if (!existsSync(place)) throw error
    }
  }
  const path = join(place, name)
  return { path, bytes: statSync(path).size }
}

function keyOf(spec: ImageSpec): string {
  const fields = Object.entries(spec).sort(([a], [b]) => (a < b ? -1 : 1))
  return `${spec.format}-${createHash('sha256').update(JSON.stringify(fields)).digest('hex').slice(0, 16)}`
}

function fileNameOf(spec: ImageSpec): string {
  return spec.format === 'qcow2-with-backing-file' ? 'image.qcow2' : `image.${spec.format}`
}

async function make(spec: ImageSpec, path: string, build: Build): Promise<void> {
  switch (spec.format) {
    case 'raw':
      return spec.content === 'random' ? writeRandom(path, spec.size) : writeSparse(path, spec.size)
    case 'iso':
      return makeIso(path, spec.size)
    case 'qcow2-with-backing-file':
      return qemuImg([
        'create',
        '-q',
        '-u',
        '-f',
        'qcow2',
        '-F',
        'raw',
        '-b',
        spec.backingFile,
        path,
        String(spec.size),
      ])
    default: {
      const raw = await build({ format: 'raw', size: spec.size, content: spec.content })
      return qemuImg(['convert', '-q', '-f', 'raw', ...conversionOf(spec), raw.path, path])
    }
  }
}

type Converted = Exclude<ImageSpec, { format: 'raw' | 'iso' | 'qcow2-with-backing-file' }>

function conversionOf(spec: Converted): string[] {
  switch (spec.format) {
    case 'qcow2': {
      const compat = spec.version === 2 ? 'compat=0.10' : 'compat=1.1'
      return ['-O', 'qcow2', '-o', compat, ...(spec.compressed === true ? ['-c'] : [])]
    }
    case 'vmdk':
      return ['-O', 'vmdk', '-o', `subformat=${spec.subformat}`]
    case 'vhd':
      // Without force_size the size would be rounded up to what old disk geometry can say.
      return ['-O', 'vpc', '-o', `subformat=${spec.fixed === true ? 'fixed' : 'dynamic'},force_size=on`]
    case 'vhdx':
      return ['-O', 'vhdx', '-o', `subformat=${spec.fixed === true ? 'fixed' : 'dynamic'}`]
    case 'vdi':
      return ['-O', 'vdi']
  }
}

async function qemuImg(args: string[]): Promise<void> {
  await run(findBinary('qemu-img'), args, { env: cleanEnv() })
}

async function makeIso(path: string, size: number): Promise<void> {
  const content = `${path}.content`
  mkdirSync(content)
  await writeRandom(join(content, 'payload.bin'), size)
  await run(findBinary('genisoimage'), ['-quiet', '-o', path, '-V', 'GLANCE', '-J', '-R', content], { env: cleanEnv() })
  removeDir(content)
}

async function writeRandom(path: string, size: number): Promise<void> {
  await withFile(path, (file) => appendRandom(file, size, randomBytes(MIB)))
}

async function writeSparse(path: string, size: number): Promise<void> {
  await withFile(path, async (file) => {
    const edge = Math.min(MIB, Math.floor(size / 2))
    await file.truncate(size)
    await file.write(randomBytes(edge), 0, edge, 0)
    await file.write(randomBytes(edge), 0, edge, size - edge)
  })
}

/** One random block over and over, each of its pages stamped with a running number: as fast as the disk, never equal. */
async function appendRandom(file: FileHandle, size: number, block: Buffer): Promise<void> {
  let page = 0
  for (let written = 0; written < size; written += block.length) {
    for (let offset = 0; offset < block.length; offset += 4096) block.writeDoubleLE(page++, offset)
    await file.write(block, 0, Math.min(block.length, size - written))
  }
}

async function withFile(path: string, work: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(path, 'w')
  try {
    await work(file)
  } finally {
    await file.close()
  }
}
