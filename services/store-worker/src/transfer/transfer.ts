import { randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { TypedClient } from '@glance/shared/bus/client'
import { type CallContext, serviceContext } from '@glance/shared/context'
import type { RegistryRpc } from '@glance/shared/contracts/registry-rpc'
import { GlanceError, isCode, toGlanceError } from '@glance/shared/errors/error'
import { type Lease, takeLease } from './lease.ts'
import { type ReceiveOrder, type ReceiveParts, receive } from './receive.ts'
import { removeObject, removeUnknown } from './remove.ts'

/** What all transfers of a worker share. */
export interface TransferParts extends ReceiveParts {
  readonly registry: Pick<
    TypedClient<RegistryRpc>,
    'holdTransfer' | 'completeTransfer' | 'failTransfer' | 'knowsObject'
  >
  /** Names this worker process. */
  readonly holder: string
}

/** An opened source of image data. */
export interface TransferSource {
  /** Left paused when a transfer ends early; never destroyed by it. */
  readonly bytes: Readable
  /** Aborts when nobody waits for the transfer any more. */
  readonly signal?: AbortSignal
}

/** One transfer. */
export interface TransferOrder extends ReceiveOrder {
  /** Id of the store behind `driver`. */
  readonly store: string
  readonly requestId: string
  readonly signal: AbortSignal
  open(signal: AbortSignal): Promise<TransferSource>
}

/**
 * Moves image data from a source into a store and commits them at the registry: the one way into a store. Succeeds
 * only when they are committed. Otherwise throws GlanceError, and nothing is left of the attempt in the store or,
 * unless somebody else holds the transfer now, at the registry.
 */
export async function transfer(parts: TransferParts, order: TransferOrder): Promise<void> {
  const { transferId, log } = order
  const { registry } = parts
  // Of this run alone: a queue that takes a busy worker for dead may give it the same job a second time.
  const holder = `${parts.holder}/${randomUUID()}`
  const context = serviceContext(order.requestId)
  const lease = await takeLease({
    hold: (options) => registry.holdTransfer(context, { transferId, holder }, options),
    log,
    signal: order.signal,
  })
  const began = performance.now()
  const object: PlacedObject = { isCommitting: false }
  try {
    const source = await order.open(lease.signal)
    const data = await receive(parts, order, {
      bytes: source.bytes,
      signal: source.signal === undefined ? lease.signal : AbortSignal.any([lease.signal, source.signal]),
      onPlaced: ({ url }) => {
        object.url = url
      },
    })
    object.isCommitting = true
    await lease.insist(() => registry.completeTransfer(context, { transferId, holder, data }))
    log.info({ size: data.size, ms: Math.round(performance.now() - began) }, 'transfer completed')
  } catch (thrown) {
    const failure = toGlanceError(thrown)
    log.warn({ err: failure, ms: Math.round(performance.now() - began) }, 'transfer failed')
    const told = await undo(parts, order, { failure, object, lease, context })
    if (told !== undefined) throw told
  } finally {
    lease.end()
  }
}

/** What the store holds of a transfer. */
interface PlacedObject {
  /** Set when the object is finished and visible in the store. */
  url?: string
  /** True once the registry was asked to commit, whatever it answered. */
  isCommitting: boolean
}

/**
 * Removes all trace of a failed transfer.
 * @returns what to tell about it: `failure`, or Gone when the image was deleted meanwhile, whatever that broke first;
 *   undefined when it proves to be committed and only the answer was lost
 */
async function undo(
  { registry }: TransferParts,
  { driver, imageId, store, transferId, log }: TransferOrder,
  failed: { failure: GlanceError; object: PlacedObject; lease: Lease; context: CallContext },
): Promise<GlanceError | undefined> {
  const { failure, object, lease, context } = failed
  const { url, isCommitting } = object
  const reason = failure.message
  // Who lost the lease has no say any more: somebody else may hold the transfer, or the next one of the image.
  const isMine = !isCode(failure, 'LeaseLost', 'Gone')
  const tell = (step: string) => (err: unknown) => {
    log.error({ err, step }, 'a failed transfer is not wholly undone; sweep and reconciler will see to it')
  }
  // Nothing to do after a `put` that failed by itself, unless its own clean-up failed.
  await driver.discard(imageId, transferId).catch(tell('discard'))
  if (isMine && url !== undefined && !isCommitting) await removeObject(driver, url).catch(tell('remove'))
  let told = failure
  if (isMine) {
    const fail = () => registry.failTransfer(context, { transferId, reason })
    const end = await lease.insist(fail).catch(tell('fail'))
    if (end?.outcome === 'completed') return undefined
    // Whether the data were committed is unknown, so the object must stay.
    if (end === undefined) return failure
    if (end.outcome === 'gone') told = new GlanceError('Gone', undefined, { cause: failure })
  }
  if (url !== undefined && (isCommitting || !isMine)) {
    await removeUnknown({ registry, context }, { driver, imageId, store, url }).catch(tell('remove'))
  }
  return told
}
