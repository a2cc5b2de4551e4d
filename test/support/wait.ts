import { setTimeout as sleep } from 'node:timers/promises'

export interface WaitOptions {
  /** Longest wait in milliseconds; 30 s when absent. */
  readonly timeoutMs?: number
  /** Pause between two checks in milliseconds; 20 ms when absent. */
  readonly everyMs?: number
  /** What is waited for, as it shall read in the error: "no answer from redis". */
  readonly what: string
}

/**
 * Polls `check` until it returns something other than undefined or false, and returns that.
 * @throws Error naming `what` once the time is over; whatever `check` throws ends the wait at once.
 */
export async function waitFor<T>(
  check: () => T | undefined | false | Promise<T | undefined | false>,
  options: WaitOptions,
): Promise<T> {
  const timeoutMs = options.timeoutMs ?? 30_000
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const found = await check()
    if (found !== undefined && found !== false) return found
    if (performance.now() >= deadline) throw new Error(`gave up after ${timeoutMs} ms: ${options.what}`)
    await sleep(options.everyMs ?? 20)
  }
}
