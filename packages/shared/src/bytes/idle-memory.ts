import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { openKernel } from './kernel.ts'

let collect: (() => void) | undefined

/**
 * Gives the memory of a burst of work back to the system. An idle process does not come to that by itself: V8 collects
 * when it allocates, and the C library keeps what lies below anything in use. Stops the thread for some 50 ms, so it
 * is for moments when nothing is going on.
 */
export function releaseIdleMemory(): void {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as () => void
    setFlagsFromString('--no-expose-gc')
  }
  // Twice: what a first collection finalizes, the second frees.
  collect()
  collect()
  openKernel()?.trim()
}
