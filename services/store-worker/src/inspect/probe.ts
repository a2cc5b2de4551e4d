/** Asks for the bytes `at` .. `at + length - 1` of the stream. Windows of one probe follow each other. */
export interface Window {
  readonly at: number
  readonly length: number
}

/** Asks for the last bytes of the stream. The format is already recognised; only its safety is still open. */
export interface Tail {
  readonly last: number
  readonly found: Found
}

export type Want = Window | Tail

/** Why an image of a recognised format must not be accepted. */
export interface Unsafe {
  /** Name of the check, as operators may list it in a configuration option. */
  readonly check: string
  readonly reason: string
}

/** The stream is of the probe's format. */
export interface Found {
  readonly match: true
  readonly unsafe?: Unsafe
  /** Bytes the guest sees; null when the header gives no size that fits a number. */
  virtualSize(streamBytes: number): number | null
}

/** The stream is not of the probe's format; the reason names the rule it breaks. */
export interface NotFound {
  readonly match: false
  readonly reason: string
}

export type Outcome = Found | NotFound

/** What an operator allows inside a format. */
export interface ProbeRules {
  readonly vmdkAllowedTypes: readonly string[]
}

/**
 * Recognises one format: yields what it wants to see, is resumed with those bytes (undefined when the stream ended
 * before them) and returns the outcome. The bytes are valid until the next yield.
 */
export type Probe = Generator<Want, Outcome, Uint8Array | undefined>

/** One row of the format table. */
export interface ProbeEntry {
  readonly format: string
  open(rules: ProbeRules): Probe
}

export function found(virtualSize: number | null, unsafe?: Unsafe): Found {
  return { match: true, virtualSize: () => virtualSize, ...(unsafe === undefined ? {} : { unsafe }) }
}

export function notFound(reason: string): NotFound {
  return { match: false, reason }
}

/** Outcome of a stream that ends inside a structure that the format cannot do without. */
export function truncated(structure: string): NotFound {
  return notFound(`the data ends before the end of the ${structure}`)
}
