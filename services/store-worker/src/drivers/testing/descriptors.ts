import { readdirSync, readlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** Paths of the files this process holds open, sorted; sockets, pipes and devices are left out. */
export function openFiles(): string[] {
  return readdirSync('/proc/self/fd')
    .flatMap((fd) => targetOf(`/proc/self/fd/${fd}`) ?? [])
    .filter((target) => target.startsWith('/') && !target.startsWith('/dev/') && !target.startsWith('/proc/'))
    .sort()
}

function targetOf(link: string): string | undefined {
  try {
    return readlinkSync(link)
  } catch {
    return undefined
  }
}

/**
 * Waits until no file is open that was not open `before`.
 * @returns the files that are still open after `withinMs`
 */
export async function leakedFiles(before: readonly string[], withinMs = 3_000): Promise<string[]> {
  const end = Date.now() + withinMs
  for (;;) {
    const known = [...before]
    const leaked = openFiles().filter((path) => {
      const at = known.indexOf(path)
      if (at >= 0) known.splice(at, 1)
      return at < 0
    })
    if (leaked.length === 0 || Date.now() > end) return leaked
    await sleep(20)
  }
}
