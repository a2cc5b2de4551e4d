import type { InspectionResult, Refusal } from '../inspector.ts'
import { type InspectionClaim, type InspectionPolicy, openInspector } from '../inspector.ts'

/** The policy of a default configuration. */
export const STRICT: InspectionPolicy = {
  requireMatch: true,
  vmdkAllowedTypes: ['streamOptimized', 'monolithicSparse'],
  gptSafetyChecksNonfatal: [],
}

export interface Inspection {
  readonly verdict: InspectionResult | Refusal
  /** Bytes fed when the refusal was first seen; undefined when there was none before the end. */
  readonly refusedAfter: number | undefined
}

export interface Feeding {
  readonly policy?: InspectionPolicy
  readonly chunkBytes?: number
}

/** Claims the data as a bare image of a format. */
export function bare(diskFormat: string): InspectionClaim {
  return { diskFormat, containerFormat: 'bare' }
}

/**
 * Feeds data in chunks through one buffer that is overwritten after each call, as the transfer does; goes on after a
 * refusal, so that a verdict which changes its mind shows.
 */
export function inspect(data: Uint8Array, claim: InspectionClaim, feeding: Feeding = {}): Inspection {
  const { policy = STRICT, chunkBytes = 65_536 } = feeding
  const inspector = openInspector(claim, policy)
  const buffer = new Uint8Array(Math.min(chunkBytes, data.length))
  let refusedAfter: number | undefined = inspector.refusal() === undefined ? undefined : 0
  for (let at = 0; at < data.length; at += chunkBytes) {
    const part = data.subarray(at, at + chunkBytes)
    buffer.set(part)
    inspector.feed(buffer.subarray(0, part.length))
    buffer.fill(0xa5)
    if (refusedAfter === undefined && inspector.refusal() !== undefined) refusedAfter = at + part.length
  }
  return { verdict: inspector.finish(), refusedAfter }
}
