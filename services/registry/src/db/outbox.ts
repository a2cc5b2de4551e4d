import type { QueuedJob } from '@glance/shared/contracts/jobs'
import type { Database, Row, Tx } from './client.ts'
import { type Sql, sql } from './sql.ts'

/** A job as it waits in the outbox. `attempts` tells versions of the row apart. */
export interface OutboxRow {
  readonly job: QueuedJob
  readonly attempts: number
}

export async function insertJob(tx: Tx, job: QueuedJob, now: Date): Promise<void> {
  await tx.outbox.create({
    data: {
      id: job.id,
      kind: 'job',
      name: job.name,
      queue: job.queue,
      payload: JSON.stringify(job.payload),
      requestId: job.requestId,
      createdAt: now,
    },
    select: { id: true },
  })
}

/** Withdraws a job; its queue may hold it still. */
export async function withdrawJob(tx: Tx, id: string): Promise<void> {
  await tx.outbox.deleteMany({ where: { id } })
}

/** Forgets a job that reached its end. */
export async function deleteJob(database: Database, id: string): Promise<void> {
  await database.execute(sql`DELETE FROM outbox WHERE id = ${id}`)
}

/** The first jobs that were never published, in order of their creation. */
export function unpublishedJobs(database: Database, limit: number): Promise<OutboxRow[]> {
  return readJobs(database, sql`published_at IS NULL ORDER BY seq LIMIT ${limit}`)
}

/**
 * Jobs published before a time and not finished since: their queue may have lost them. Uploads are left out, since
 * their bytes cannot be asked for again.
 */
export function unfinishedJobs(database: Database, before: Date, limit: number): Promise<OutboxRow[]> {
  return readJobs(database, sql`published_at < ${before} AND name <> 'upload' ORDER BY published_at LIMIT ${limit}`)
}

/** Marks a job as published, unless another registry did so since it was read. */
export async function claimJob(database: Database, { job, attempts }: OutboxRow, now: Date): Promise<boolean> {
  const count = await database.execute(sql`
    UPDATE outbox SET published_at = ${now}, attempts = ${attempts + 1}
    WHERE id = ${job.id} AND attempts = ${attempts}`)
  return count > 0
}

/** Takes a claim back: the queue did not take the job. */
export async function releaseJob(database: Database, { job, attempts }: OutboxRow): Promise<void> {
  await database.execute(sql`
    UPDATE outbox SET published_at = NULL WHERE id = ${job.id} AND attempts = ${attempts + 1}`)
}

/** Makes every job unpublished again: for a queue that lives no longer than its process. */
export async function releaseAllJobs(database: Database): Promise<void> {
  await database.execute(sql`UPDATE outbox SET published_at = NULL WHERE published_at IS NOT NULL`)
}

async function readJobs(database: Database, which: Sql): Promise<OutboxRow[]> {
  const rows = await database.query(
    sql`SELECT id, name, queue, payload, request_id, attempts FROM outbox WHERE kind = 'job' AND ${which}`,
  )
  return rows.map(toOutboxRow)
}

function toOutboxRow([id, name, queue, payload, requestId, attempts]: Row): OutboxRow {
  return {
    job: {
      id: String(id),
      name: String(name) as QueuedJob['name'],
      queue: String(queue),
      payload: JSON.parse(String(payload)),
      requestId: String(requestId),
    },
    attempts: Number(attempts),
  }
}
