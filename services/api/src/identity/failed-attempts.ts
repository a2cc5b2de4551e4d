/** How many keys are remembered at most, so that guessing names does not grow memory. */
const MOST_KEYS = 10_000

/** Counts wrong passwords by user. */
export interface FailedAttempts {
  isLocked(key: string): boolean
  add(key: string): void
  clear(key: string): void
}

/** Opens an empty count; a lock ends `lockSeconds` after the last failure. */
export function openFailedAttempts(options: {
  maxFailures: number
  lockSeconds: number
  now?: () => number
}): FailedAttempts {
  const now = options.now ?? Date.now
  const counts = new Map<string, { count: number; last: number }>()
  const current = (key: string): { count: number; last: number } | undefined => {
    const entry = counts.get(key)
    if (entry === undefined || now() - entry.last <= options.lockSeconds * 1000) return entry
    counts.delete(key)
    return undefined
  }
  return {
    isLocked: (key) => (current(key)?.count ?? 0) >= options.maxFailures,
    add: (key) => {
      const count = (current(key)?.count ?? 0) + 1
      counts.delete(key)
      counts.set(key, { count, last: now() })
      if (counts.size > MOST_KEYS) counts.delete(counts.keys().next().value ?? '')
    },
    clear: (key) => {
      counts.delete(key)
    },
  }
}
