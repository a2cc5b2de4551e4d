import type { TypedHandlers } from '@glance/shared/bus/client'
import type { RegistryRpc } from '@glance/shared/contracts/registry-rpc'
import { GlanceError } from '@glance/shared/errors/error'
import { activateImage, changeStatus } from '../db/image-changes.ts'
import { withdrawJob } from '../db/outbox.ts'
import { createTransfer, endTransfer, findTransfer, holdTransfer, type Transfer } from '../db/transfers.ts'
import { requireUploadable } from '../domain/transfer.ts'
import { writeJob } from '../outbox/write.ts'
import { requireWritable } from '../policy/enforce.ts'
import { allOrNothing } from './all-or-nothing.ts'
import { reachForChange } from './find-image.ts'
import type { RpcParts } from './parts.ts'
import { withdrawFromQueue, writeDiscard } from './withdraw.ts'

type TransferMethods = 'beginTransfer' | 'holdTransfer' | 'completeTransfer' | 'failTransfer'
type Handlers = Pick<TypedHandlers<RegistryRpc>, TransferMethods>

/** How often a step is judged anew when the transfer changed between reading and ending it. */
const MAX_ATTEMPTS = 5

export function transferHandlers(parts: RpcParts): Handlers {
  return {
    beginTransfer: (input, { context }) => beginTransfer(parts, input, context),

    holdTransfer: async ({ transferId, holder }) => {
      const expiresAt = later(parts, parts.leaseSeconds)
      if (!(await holdTransfer(parts.database, { id: transferId, holder, expiresAt }))) throw leaseLost()
      return { leaseSeconds: parts.leaseSeconds }
    },

    completeTransfer: async ({ transferId, holder, data }) => {
      for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
        const transfer = await findTransfer(parts.database, transferId)
        if (transfer === undefined || transfer.holder !== holder) throw leaseLost()
        if (transfer.state === 'completed') return {}
        if (transfer.state === 'gone') throw new GlanceError('Gone')
        if (transfer.state === 'failed') throw leaseLost()
        if (await commitTransfer(parts, { transfer, data })) return {}
      }
      throw leaseLost()
    },

    failTransfer: async ({ transferId, reason }, { context }) => {
      for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
        const transfer = await findTransfer(parts.database, transferId)
        if (transfer === undefined) return { outcome: 'gone' }
        if (transfer.state !== 'live') return { outcome: transfer.state }
        if (!(await undoTransfer(parts, transfer, context.requestId))) continue
        parts.log.info(
          { request_id: context.requestId, image_id: transfer.imageId, transfer_id: transfer.id, reason },
          'transfer failed; the image is queued again',
        )
        parts.kick()
        withdrawFromQueue(parts, transfer)
        return { outcome: 'failed' }
      }
      throw new GlanceError('Conflict', `Transfer ${transferId} was changed by other requests at the same time.`)
    },
  }
}

/** Checks first, then one transaction: status, lease and job (Images v2: upload). */
async function beginTransfer(
  parts: RpcParts,
  input: Parameters<Handlers['beginTransfer']>[0],
  context: Parameters<Handlers['beginTransfer']>[1]['context'],
): ReturnType<Handlers['beginTransfer']> {
  requireWritable(context)
  const store = chooseStore(parts, input.store)
  const image = await reachForChange(parts, context, { id: input.imageId, rule: 'upload_image' })
  requireUploadable(image)
  requireSize(parts, input.size)
  const now = parts.now()
  const id = parts.newId()
  const jobId = parts.newId()
  const { requestId } = context
  const payload = {
    transferId: id,
    imageId: image.id,
    store,
    source: input.source,
    ...(input.size !== undefined && { size: input.size }),
    sizeLimit: parts.imageSizeCap,
    diskFormat: image.disk_format ?? '',
    containerFormat: image.container_format ?? '',
  }
  await parts.database.transaction(async (tx) => {
    if (!(await changeStatus(tx, { id: image.id, now }, { from: 'queued', to: 'saving' }))) {
      throw new GlanceError('Conflict', `Image ${image.id} is no longer queued.`)
    }
    const expiresAt = later(parts, parts.uploadWaitSeconds + parts.leaseSeconds)
    await createTransfer(tx, { id, imageId: image.id, store, jobId }, { now, expiresAt })
    await writeJob(tx, { id: jobId, name: 'upload', store, payload, requestId }, now)
  })
  parts.kick()
  return { transferId: id, store }
}

/** saving -> active; false, with nothing done, when the transfer ended or the image changed since it was read. */
async function commitTransfer(
  parts: RpcParts,
  commit: {
    readonly transfer: Transfer
    readonly data: Parameters<Handlers['completeTransfer']>[0]['data']
  },
): Promise<boolean> {
  const { transfer, data } = commit
  const now = parts.now()
  return allOrNothing(parts.database, async (tx) => {
    const { store, imageId } = transfer
    if (!(await activateImage(tx, { id: imageId, now }, { data, store }))) return false
    if (!(await endTransfer(tx, transfer, { state: 'completed', now }))) return false
    await withdrawJob(tx, transfer.jobId)
    return true
  })
}

/** saving -> queued; false, with nothing done, when the transfer ended or was taken since it was read. */
async function undoTransfer(parts: RpcParts, transfer: Transfer, requestId: string): Promise<boolean> {
  const now = parts.now()
  return allOrNothing(parts.database, async (tx) => {
    // An image that left `saving` by another way keeps its status; the lease ends all the same.
    await changeStatus(tx, { id: transfer.imageId, now }, { from: 'saving', to: 'queued' })
    if (!(await endTransfer(tx, transfer, { state: 'failed', now }))) return false
    await withdrawJob(tx, transfer.jobId)
    await writeDiscard(tx, { transfer, requestId, now })
    return true
  })
}

/** The store asked for, or the default one. Throws UnknownStore. */
function chooseStore({ stores }: RpcParts, wanted: string | undefined): string {
  const store = stores.find(({ id, isDefault }) => (wanted === undefined ? isDefault : id === wanted))
  if (store === undefined) throw new GlanceError('UnknownStore', `There is no store '${wanted ?? 'by default'}'.`)
  return store.id
}

function requireSize({ imageSizeCap }: RpcParts, size: number | undefined): void {
  if (size === undefined || size <= imageSizeCap) return
  throw new GlanceError('TooLarge', `Images may have ${imageSizeCap} bytes at most (image_size_cap), not ${size}.`)
}

function later({ now }: RpcParts, seconds: number): Date {
  return new Date(now().getTime() + seconds * 1_000)
}

function leaseLost(): GlanceError {
  return new GlanceError('LeaseLost')
}
