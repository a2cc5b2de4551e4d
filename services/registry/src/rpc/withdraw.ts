import { jobQueueName } from '@glance/shared/contracts/jobs'
import type { Tx } from '../db/client.ts'
import type { Transfer } from '../db/transfers.ts'
import { writeJob } from '../outbox/write.ts'
import type { RpcParts } from './parts.ts'

/** Queues removal of what a transfer may have left in its store; one that nobody began has left nothing. */
export async function writeDiscard(
  tx: Tx,
  { transfer, requestId, now }: { readonly transfer: Transfer; readonly requestId: string; readonly now: Date },
): Promise<void> {
  if (transfer.holder === null) return
  const { id: transferId, imageId, store } = transfer
  await writeJob(tx, { name: 'discard', store, payload: { imageId, store, transferId }, requestId }, now)
}

/**
 * Takes the job of an ended transfer out of its queue. A job that stays there does no harm, since its worker is refused
 * the lease: so the caller need not wait, and a queue that is down is worth a line in the log and no more.
 */
export function withdrawFromQueue(parts: RpcParts, { jobId, store }: Transfer): void {
  parts.jobQueue.remove(jobQueueName(store), jobId).catch((err: unknown) => {
    parts.log.warn({ err, job_id: jobId }, 'a withdrawn job stays in its queue for now')
  })
}
