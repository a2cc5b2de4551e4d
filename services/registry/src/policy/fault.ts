/** One thing wrong with a rule text; `position` counts characters from 1. */
export interface PolicyFault {
  readonly rule: string
  readonly position: number
  readonly reason: string
}

/** A mistake inside one rule text, before it is known whose text it is. */
export class RuleSyntaxError extends Error {
  readonly position: number

  constructor(position: number, reason: string) {
    super(reason)
    this.name = 'RuleSyntaxError'
    this.position = position
  }
}

/** The policy cannot be used: its message lists every fault with rule and position. */
export class PolicyError extends Error {
  readonly faults: readonly PolicyFault[]

  constructor(faults: readonly PolicyFault[]) {
    super(faults.map((fault) => `policy rule "${fault.rule}", position ${fault.position}: ${fault.reason}`).join('\n'))
    this.name = 'PolicyError'
    this.faults = faults
  }
}
