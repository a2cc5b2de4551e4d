import type { Found, Outcome, Unsafe } from './probe.ts'

/** What an operator demands of image data ([image_format] of the configuration). */
export interface InspectionPolicy {
  /** Whether a wrong disk_format is an error, or only a warning and no virtual size. */
  readonly requireMatch: boolean
  /**
   * VMDK disk types accepted, out of the two that keep everything in one file. Uploads accept both
   * (SINGLE_FILE_TYPES); conversion accepts what vmdk_allowed_types lists.
   */
  readonly vmdkAllowedTypes: readonly string[]
  /** Checks of partitioned disks whose failure is only a warning; the one there is is named `mbr`. */
  readonly gptSafetyChecksNonfatal: readonly string[]
}

/** What the image record says about the data. */
export interface InspectionClaim {
  readonly diskFormat: string
  readonly containerFormat: string
  /** Announced bytes. */
  readonly size?: number
}

/** The data is accepted. */
export interface InspectionResult {
  /** Format found; `raw` when none was, `unknown` when nothing was looked at, joined by `+` when several were. */
  readonly detected: string
  /** Bytes the guest sees; null when unknown. */
  readonly virtualSize: number | null
  readonly warning?: string
}

/** The data is not accepted (HTTP 415). */
export interface Refusal {
  readonly refused: true
  /** `mismatch`: not of the claimed disk_format; `unsafe`: opening it could reach other files or mislead its reader. */
  readonly kind: 'mismatch' | 'unsafe'
  readonly message: string
}

/** Outcomes known so far, by format. */
export type Outcomes = ReadonlyMap<string, Outcome>

/** Formats found. A bootable ISO has a boot sector too: together they are an ISO. */
function foundFormats(outcomes: Outcomes): string[] {
  const names = [...outcomes].filter(([, outcome]) => outcome.match).map(([format]) => format)
  return names.includes('iso') ? names.filter((name) => name !== 'gpt') : names
}

function findingOf(outcomes: Outcomes, format: string): Found | undefined {
  const outcome = outcomes.get(format)
  return outcome?.match === true ? outcome : undefined
}

/** Refusal for data that cannot be of the claimed format; `why` names the rule. */
export function mismatch(claimed: string, formats: readonly string[], why: string): Refusal {
  const content = formats.length === 0 ? '' : `, found ${formats.join(' and ')}`
  return {
    refused: true,
    kind: 'mismatch',
    message: `Image content does not match disk_format: claimed ${claimed}${content}: ${why}`,
  }
}

function mismatchOf(claimed: string, outcomes: Outcomes): Refusal | undefined {
  const formats = foundFormats(outcomes)
  if (claimed === 'raw') {
    return formats.length > 1 ? mismatch(claimed, formats, 'it must not be of several formats at once') : undefined
  }
  const own = outcomes.get(claimed)
  if (own?.match === false) return mismatch(claimed, formats, own.reason)
  // A boot sector comes before the descriptor that makes an ISO of it.
  const foreign = formats.filter((format) => format !== claimed && !(claimed === 'iso' && format === 'gpt'))
  if (foreign.length === 0) return undefined
  return mismatch(claimed, formats, `only data recognised as ${claimed} and nothing else is accepted`)
}

function isTolerated(format: string, unsafe: Unsafe, policy: InspectionPolicy): boolean {
  return format === 'gpt' && policy.gptSafetyChecksNonfatal.includes(unsafe.check)
}

function unsafeOf(claimed: string, policy: InspectionPolicy, outcomes: Outcomes): Refusal | undefined {
  for (const format of foundFormats(outcomes)) {
    const unsafe = findingOf(outcomes, format)?.unsafe
    if (unsafe === undefined || isTolerated(format, unsafe, policy)) continue
    // The boot sector of an ISO is not judged, so wait until it is known whether this is one.
    const mayBeIso = format === 'gpt' && !outcomes.has('iso') && !(claimed === 'gpt' && policy.requireMatch)
    if (mayBeIso) continue
    const message = `Image failed safety checks: claimed ${claimed}, found ${format}: ${unsafe.reason} (check ${unsafe.check})`
    return { refused: true, kind: 'unsafe', message }
  }
  return undefined
}

/** The refusal that no further byte can avert, or undefined as long as the claim may still hold. */
export function refusalOf(claimed: string, policy: InspectionPolicy, outcomes: Outcomes): Refusal | undefined {
  return (policy.requireMatch ? mismatchOf(claimed, outcomes) : undefined) ?? unsafeOf(claimed, policy, outcomes)
}

/** What accepted data is, once all outcomes are known. */
export function resultOf(claimed: string, outcomes: Outcomes, streamBytes: number): InspectionResult {
  const formats = foundFormats(outcomes)
  const detected = formats.join('+') || 'raw'
  const boot = findingOf(outcomes, 'gpt')?.unsafe
  const tolerated =
    boot !== undefined && detected === 'gpt' ? `its partition table is faulty: ${boot.reason}` : undefined
  if (claimed === 'raw') {
    const disguise = detected === 'raw' ? undefined : `claimed raw, but the data is ${detected}`
    return resultWith(detected, streamBytes || null, [disguise, tolerated])
  }
  const isInspectable = outcomes.has(claimed)
  if (!isInspectable && detected === 'raw') return { detected, virtualSize: null }
  if (detected !== claimed) {
    return resultWith(detected, null, [`claimed ${claimed}, but the data is ${detected}`, tolerated])
  }
  const virtualSize = findingOf(outcomes, claimed)?.virtualSize(streamBytes) ?? null
  const sizeless = virtualSize === null ? `its ${claimed} header tells no usable virtual size` : undefined
  return resultWith(detected, virtualSize, [sizeless, tolerated])
}

function resultWith(detected: string, virtualSize: number | null, notes: (string | undefined)[]): InspectionResult {
  const warning = notes.filter((note) => note !== undefined).join('; ')
  return { detected, virtualSize, ...(warning === '' ? {} : { warning }) }
}
