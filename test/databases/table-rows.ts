import type { Database } from '@glance/registry/db/client'
import type { Value } from '@glance/registry/db/sql'

/** A job as it stands in the outbox. */
export interface OutboxJob {
  readonly id: string
  readonly name: string
  readonly queue: string
  readonly payload: Readonly<Record<string, unknown>>
  readonly requestId: string
  readonly isPublished: boolean
}

/** The jobs of the outbox about one image, or all of them, in the order they were written. */
export async function outboxJobs(database: Database, imageId?: string): Promise<OutboxJob[]> {
  const text = 'SELECT id, name, queue, payload, request_id, published_at FROM outbox ORDER BY seq'
  const rows = await database.query({ text, values: [] })
  const jobs = rows.map(([id, name, queue, payload, requestId, publishedAt]) => ({
    id: String(id),
    name: String(name),
    queue: String(queue),
    payload: JSON.parse(String(payload)) as Record<string, unknown>,
    requestId: String(requestId),
    isPublished: publishedAt !== null,
  }))
  return imageId === undefined ? jobs : jobs.filter(({ payload }) => payload.imageId === imageId)
}

/** The state and holder of a transfer; undefined when its row is gone. */
export async function transferRow(
  database: Database,
  transferId: string,
): Promise<{ readonly state: string; readonly holder: string | null } | undefined> {
  const text = 'SELECT state, holder FROM transfers WHERE id = ?'
  const [row] = await database.query({ text, values: [transferId] })
  return row === undefined ? undefined : { state: String(row[0]), holder: row[1] === null ? null : String(row[1]) }
}

/** Sets when a transfer expires: a lease ends by the clock, and nobody waits for it here. */
export async function setExpiry(database: Database, transferId: string, expiresAt: Date): Promise<void> {
  const text = 'UPDATE transfers SET expires_at = ? WHERE id = ?'
  await database.execute({ text, values: [expiresAt, transferId] })
}

export async function countRows(database: Database, from: string, ...values: Value[]): Promise<number> {
  const [row] = await database.query({ text: `SELECT COUNT(*) FROM ${from}`, values })
  return Number(row?.[0])
}
