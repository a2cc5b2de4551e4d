import { randomUUID } from 'node:crypto'
import type { JobPayload } from '@glance/shared/contracts/define'
import { type JobName, type Jobs, jobQueueName, type QueuedJob } from '@glance/shared/contracts/jobs'
import type { Tx } from '../db/client.ts'
import { insertJob } from '../db/outbox.ts'

/** A job for the workers of one store. */
export interface JobDraft<N extends JobName> {
  readonly name: N
  readonly store: string
  readonly payload: JobPayload<Jobs[N]>
  readonly requestId: string
  /** Chosen by the caller when another row must name the job. */
  readonly id?: string
}

/**
 * Writes a job in the transaction of the change that needs it: it leaves once that is committed, and never otherwise.
 * @returns the job's id
 */
export async function writeJob<N extends JobName>(tx: Tx, draft: JobDraft<N>, now: Date): Promise<string> {
  const job: QueuedJob = {
    id: draft.id ?? randomUUID(),
    name: draft.name,
    queue: jobQueueName(draft.store),
    payload: draft.payload,
    requestId: draft.requestId,
  }
  await insertJob(tx, job, now)
  return job.id
}
