import type { Kind } from '../support/deployment.ts'
import type { StorePlan } from '../support/deployment-stores.ts'

export const KINDS: readonly Kind[] = ['standalone', 'distributed']

/** Every kind; the one that ACCEPTANCE_TARGET names while somebody works on it. */
export function chosenKinds(): readonly Kind[] {
  const named = process.env.ACCEPTANCE_TARGET
  return named === undefined ? KINDS : KINDS.filter((kind) => kind === named)
}

/** Stores of every target: the default one, one that is soon full and one that a test makes read-only. */
export const STORES = [
  { id: 'main' },
  { id: 'small', megabytes: 24 },
  { id: 'frail', megabytes: 8 },
] as const satisfies readonly StorePlan[]
