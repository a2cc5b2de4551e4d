import { PROBES } from './formats/table.ts'
import { openLineup } from './lineup.ts'
import {
  type InspectionClaim,
  type InspectionPolicy,
  type InspectionResult,
  mismatch,
  type Refusal,
  refusalOf,
  resultOf,
} from './verdict.ts'

export type { InspectionClaim, InspectionPolicy, InspectionResult, Refusal } from './verdict.ts'

/** Looks at image data as it passes and tells what it really is. */
export interface Inspector {
  /**
   * Takes the next chunk of the data; every byte must be presented, in order. What matters is copied, so the chunk may
   * be reused; at most about 1 MiB is held whatever the data. Costs nothing once all formats are decided.
   */
  feed(chunk: Uint8Array): void
  /** Set as soon as it is certain that the data must be refused; later bytes cannot change it. */
  refusal(): Refusal | undefined
  /** The verdict after the last byte. */
  finish(): InspectionResult | Refusal
}

/**
 * Opens the inspection of one image. Data in a container other than `bare` is not looked at.
 * The verdict does not depend on how the data is cut into chunks. Never throws on any data.
 */
export function openInspector(claim: InspectionClaim, policy: InspectionPolicy): Inspector {
  return claim.containerFormat === 'bare' ? openBareInspector(claim, policy) : UNINSPECTED
}

const UNINSPECTED: Inspector = {
  feed: () => undefined,
  refusal: () => undefined,
  finish: () => ({ detected: 'unknown', virtualSize: null }),
}

function openBareInspector(claim: InspectionClaim, policy: InspectionPolicy): Inspector {
  const lineup = openLineup(PROBES, policy)
  let refusal = tooShort()

  /** An announced size may already be too small for the claimed format. It is never trusted to accept anything. */
  function tooShort(): Refusal | undefined {
    const needed = lineup.reach(claim.diskFormat)
    if (!policy.requireMatch || claim.size === undefined || claim.size >= needed) return undefined
    return mismatch(claim.diskFormat, [], `its ${claim.size} announced bytes cannot hold a ${claim.diskFormat} header`)
  }

  function judge(): void {
    refusal ??= refusalOf(claim.diskFormat, policy, lineup.outcomes) ?? tooShort()
  }

  return {
    feed(chunk) {
      if (refusal !== undefined) return
      lineup.advance(chunk, () => {
        judge()
        return refusal === undefined
      })
    },
    refusal: () => refusal,
    finish() {
      if (refusal !== undefined) return refusal
      lineup.end()
      judge()
      return refusal ?? resultOf(claim.diskFormat, lineup.outcomes, lineup.position)
    },
  }
}
