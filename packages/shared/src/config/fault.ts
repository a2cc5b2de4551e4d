/** One thing that is wrong with the configuration. */
export interface Fault {
  /** `file:line`, the environment variable, or the name of the layer that set the value. */
  readonly where: string
  readonly section?: string
  readonly option?: string
  /** The rule that is broken, as a clause: "must be …". */
  readonly rule: string
  /** The text that broke it; absent when there is none or it is a secret. */
  readonly given?: string
}

/** Writes a fault as one line for an operator. */
export function describeFault(fault: Fault): string {
  const subject = fault.section === undefined ? '' : ` [${fault.section}]${fault.option ? ` ${fault.option}` : ''}`
  const given = fault.given === undefined ? '' : `, given ${JSON.stringify(fault.given)}`
  return `${fault.where}:${subject} ${fault.rule}${given}`
}

/** Thrown when a configuration cannot be used; its message lists every fault, one a line. */
export class ConfigError extends Error {
  readonly faults: readonly Fault[]

  constructor(faults: readonly Fault[]) {
    const lines = faults.map((fault) => `  ${describeFault(fault)}`)
    super(`${faults.length} ${faults.length === 1 ? 'fault' : 'faults'} in the configuration:\n${lines.join('\n')}`)
    this.name = 'ConfigError'
    this.faults = faults
  }
}
