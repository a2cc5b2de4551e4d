import type { Kind } from '../support/deployment.ts'
import type { StorePlan } from '../support/deployment-stores.ts'

export const KINDS: readonly Kind[] = ['standalone', 'distributed']

/** Every kind; the one that ACCEPTANCE_TARGET names while somebody works on it. */
export function chosenKinds(): readonly Kind[] {
  const named = process.env.ACCEPTANCE_TARGET
  return named === undefined ? KINDS : KINDS.filter((kind) => kind === named)
}

/** Stores of every target: the default one, one that is soon full and one that cannot be written. */
export const STORES = [
  { id: 'main' },
  { id: 'small', megabytes: 24 },
  { id: 'sealed', megabytes: 1, readOnly: true },
] as const satisfies readonly StorePlan[]
