import type { Readable } from 'node:stream'
import type { StoredData } from '@glance/shared/contracts/transfer'
import { GlanceError } from '@glance/shared/errors/error'
import type { Log } from '@glance/shared/log'
import type { Placed, StoreDriver } from '../drivers/driver.ts'
import { type InspectionPolicy, type InspectionResult, openInspector, type Refusal } from '../inspect/inspector.ts'
import type { Block, BlockPool } from './blocks.ts'
import type { DigestPool } from './digest.ts'
import { openIntake } from './intake.ts'
import { openSizeLimit } from './limit.ts'

export interface ReceiveParts {
  readonly blocks: BlockPool
  readonly digests: DigestPool
  /** Algorithm of os_hash_value, as the configuration names it. */
  readonly hashAlgo: string
  readonly inspection: InspectionPolicy
}

/** What is received, where it goes, and what is demanded of it; sizes in bytes. */
export interface ReceiveOrder {
  readonly transferId: string
  readonly imageId: string
  readonly driver: StoreDriver
  /** Announced size. */
  readonly size?: number
  readonly sizeLimit: number
  readonly diskFormat: string
  readonly containerFormat: string
  readonly log: Log
}

/**
 * Moves a stream into a store: reading, both digests and the store's writing overlap. The store makes the object
 * visible only after size and format were found right. Throws TooLarge, SizeMismatch, FormatRefused, ClientGone, what
 * the driver throws, or the signal's reason.
 *
 * @param from.onPlaced told of the object as soon as the store has it; what follows may still fail
 */
export async function receive(
  parts: ReceiveParts,
  order: ReceiveOrder,
  from: { bytes: Readable; signal: AbortSignal; onPlaced: (placed: Placed) => void },
): Promise<StoredData> {
  const { size: announced, driver, diskFormat, containerFormat } = order
  const known = announced === undefined ? {} : { size: announced }
  const limit = openSizeLimit({ limit: order.sizeLimit, ...(announced !== undefined && { announced }) })
  const inspector = openInspector({ diskFormat, containerFormat, ...known }, parts.inspection)
  accept(inspector.refusal())
  const digests = parts.digests.open(['md5', parts.hashAlgo])
  let verdict: { size: number; inspection: InspectionResult } | undefined
  const intake = openIntake({
    source: from.bytes,
    blocks: parts.blocks,
    signal: from.signal,
    admit: limit.admit,
    inspect: (block) => {
      inspector.feed(filled(block))
      accept(inspector.refusal())
      digests.update(block)
    },
    verdict: () => {
      verdict = { size: limit.finish(), inspection: accepted(inspector.finish()) }
    },
  })
  try {
    const placed = await driver.put(order.imageId, intake.chunks, {
      attempt: order.transferId,
      signal: from.signal,
      ...known,
    })
    from.onPlaced(placed)
    if (placed.size !== verdict?.size) {
      throw new GlanceError('Internal', undefined, { cause: new Error(`the store took ${placed.size} bytes of it`) })
    }
    const { size, inspection } = verdict
    if (inspection.warning !== undefined) order.log.warn({ inspection }, 'image data accepted with a warning')
    const [checksum = '', hashValue = ''] = await digests.finish()
    const { url, metadata } = placed
    const { virtualSize } = inspection
    return { url, metadata, size, virtualSize, checksum, hashAlgo: parts.hashAlgo, hashValue }
  } finally {
    intake.stop()
    digests.drop()
  }
}

function filled(block: Block): Uint8Array {
  return block.length === block.bytes.length ? block.bytes : block.bytes.subarray(0, block.length)
}

function accept(refusal: Refusal | undefined): void {
  if (refusal !== undefined) throw new GlanceError('FormatRefused', refusal.message)
}

function accepted(end: InspectionResult | Refusal): InspectionResult {
  if ('refused' in end) throw new GlanceError('FormatRefused', end.message)
  return end
}
