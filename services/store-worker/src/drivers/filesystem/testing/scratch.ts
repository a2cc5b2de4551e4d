import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StoreDriver } from '../../driver.ts'
import type { DriverUnderTest } from '../../testing/under-test.ts'
import type { FilesystemOptions } from '../config.ts'
import { openFilesystemStore } from '../driver.ts'
import { parseName, partName } from '../location.ts'

/** A directory of its own for a test. */
export interface Scratch {
  readonly dir: string
  /** Path of something in it. */
  path(name: string): string
  remove(): void
}

export function makeScratch(): Scratch {
  const dir = mkdtempSync(join(tmpdir(), 'glance-file-store-'))
  return { dir, path: (name) => join(dir, name), remove: () => rmSync(dir, { recursive: true, force: true }) }
}

/** The options of a file store as they are by default, except for the directory. */
export function optionsIn(dir: string, given: Partial<FilesystemOptions> = {}): FilesystemOptions {
  return {
    filesystem_store_datadir: dir,
    filesystem_store_datadirs: [],
    filesystem_store_metadata_file: undefined,
    filesystem_store_file_perm: 0,
    filesystem_store_chunk_size: 65_536,
    filesystem_store_fsync: true,
    filesystem_thin_provisioning: false,
    filesystem_store_timeout: 0,
    filesystem_store_thread_pool_size: 10,
    filesystem_store_threadpool_threshold: 75,
    ...given,
  }
}

export function openFileStore(dir: string, given: Partial<FilesystemOptions> = {}): Promise<StoreDriver> {
  return openFilesystemStore(optionsIn(dir, given), { storeId: 'test', warn: () => undefined })
}

/** Names of everything in these directories that is no object. */
export function residueIn(dirs: readonly string[]): string[] {
  return dirs
    .flatMap((dir) => readdirSync(dir))
    .filter((name) => parseName(name)?.attempt !== undefined || !parseName(name))
}

/** A file store for the conformance suite, in directories below one of its own. */
export async function underTest(
  names: readonly string[],
  options: (dirs: readonly string[]) => Partial<FilesystemOptions>,
): Promise<DriverUnderTest> {
  const scratch = makeScratch()
  const dirs = names.map(scratch.path)
  return {
    driver: await openFileStore(dirs[0] ?? scratch.dir, options(dirs)),
    residue: async () => residueIn(dirs),
    plantResidue: async (imageId, attempt) =>
      writeFileSync(join(dirs.at(-1) ?? scratch.dir, partName(imageId, attempt)), 'half an image'),
    cleanup: async () => scratch.remove(),
  }
}
