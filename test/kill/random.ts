/** Random choices that come again with the same seed (mulberry32). */
export interface Random {
  /** From `low` up to, not including, `high`. */
  between(low: number, high: number): number
  pick<T>(from: readonly T[]): T
  /** Some of them, at least one, in random order. */
  some<T>(from: readonly T[]): T[]
}

/** The seed that KILL_SEED names, or a new one; printed, so that a failure can be tried again. */
export function openRandom(what: string): Random {
  const seed = Number(process.env.KILL_SEED ?? Date.now() % 1_000_000)
  process.stdout.write(`${what}: KILL_SEED=${seed}\n`)
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (low: number, high: number): number => low + next() * (high - low)
  const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)] as T
  const some = <T>(from: readonly T[]): T[] => {
    const shuffled = from.map((each) => ({ each, order: next() })).sort((a, b) => a.order - b.order)
    return shuffled.slice(0, 1 + Math.floor(next() * from.length)).map(({ each }) => each)
  }
  return { between, pick, some }
}
