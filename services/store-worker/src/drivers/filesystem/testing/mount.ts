import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'

/** A file system in memory, for as long as a test needs it. */
export interface Mounted {
  readonly dir: string
  /** Lets nobody write any more, root neither. */
  makeReadOnly(): void
  unmount(): void
}

/** Mounts a small file system; undefined where this process may not, as outside of root or in most containers. */
export function tryMount(dir: string, bytes: number): Mounted | undefined {
  mkdirSync(dir, { recursive: true })
  if (process.getuid?.() !== 0) return undefined
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'glance-test', dir], { stdio: 'pipe' })
  } catch {
    return undefined
  }
  return {
    dir,
    makeReadOnly: () => execFileSync('mount', ['-o', 'remount,ro', dir], { stdio: 'pipe' }),
    unmount: () => execFileSync('umount', [dir], { stdio: 'pipe' }),
  }
}
