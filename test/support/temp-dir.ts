import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isAlive, processStat } from './proc.ts'

const PREFIX = 'glance-test-'

/**
 * Makes a directory of mode 0700 under the system's temporary directory. Its name tells which process made it, so the
 * next run removes what a crashed one could not.
 * @param label short word for the reader of a directory listing
 */
export function makeTempDir(label: string): string {
  removeAbandonedTempDirs()
  const owner = `${process.pid}-${processStat(process.pid)?.startTime ?? 0}`
  const dir = join(tmpdir(), `${PREFIX}${owner}-${label}-${randomBytes(4).toString('hex')}`)
  mkdirSync(dir, { mode: 0o700 })
  return dir
}

/** Removes a directory with all it holds; absent is fine. */
export function removeDir(dir: string): void {
  rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
}

/** Removes the temporary directories of test processes that no longer run; returns their paths. */
export function removeAbandonedTempDirs(): string[] {
  const removed: string[] = []
  for (const name of readdirSync(tmpdir())) {
    const match = new RegExp(`^${PREFIX}(\\d+)-(\\d+)-`).exec(name)
    if (match === null || isAlive({ pid: Number(match[1]), startTime: Number(match[2]) })) continue
    const dir = join(tmpdir(), name)
    try {
      removeDir(dir)
      removed.push(dir)
    } catch {
      // Another test process removes it at the same moment, or it belongs to another user.
    }
  }
  return removed
}
