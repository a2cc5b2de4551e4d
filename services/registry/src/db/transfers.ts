import type { Database, Tx } from './client.ts'
import { sql } from './sql.ts'

/** `live` until it ends; then what it came to. `gone`: the image was deleted meanwhile. */
export type TransferState = 'live' | 'completed' | 'failed' | 'gone'

/** A lease on bytes under way to one store. */
export interface Transfer {
  readonly id: string
  readonly imageId: string
  readonly store: string
  readonly state: TransferState
  /** Who moves the bytes; null until somebody has begun. */
  readonly holder: string | null
  readonly jobId: string
}

/** An ended transfer is remembered this long, for callers who lost the answer to their last call. */
const REMEMBERED_MS = 3_600_000

export async function createTransfer(
  tx: Tx,
  transfer: Pick<Transfer, 'id' | 'imageId' | 'store' | 'jobId'>,
  times: { readonly now: Date; readonly expiresAt: Date },
): Promise<void> {
  await tx.transfer.create({
    data: { ...transfer, state: 'live', createdAt: times.now, expiresAt: times.expiresAt },
    select: { id: true },
  })
}

export async function findTransfer(database: Database, id: string): Promise<Transfer | undefined> {
  const [row] = await database.query(
    sql`SELECT id, image_id, store, state, holder, job_id FROM transfers WHERE id = ${id}`,
  )
  if (row === undefined) return undefined
  const [transferId, imageId, store, state, holder, jobId] = row
  return {
    id: String(transferId),
    imageId: String(imageId),
    store: String(store),
    state: String(state) as TransferState,
    holder: holder === null ? null : String(holder),
    jobId: String(jobId),
  }
}

/** The transfer that is under way to an image. */
export async function findLiveTransfer(tx: Tx, imageId: string): Promise<Transfer | undefined> {
  const found = await tx.transfer.findFirst({ where: { imageId, state: 'live' } })
  return found === null ? undefined : { ...found, state: 'live' }
}

/** Takes or renews the lease; false when the transfer is over or another holds it. One statement. */
export async function holdTransfer(
  database: Database,
  lease: { readonly id: string; readonly holder: string; readonly expiresAt: Date },
): Promise<boolean> {
  const count = await database.execute(sql`
    UPDATE transfers SET holder = ${lease.holder}, expires_at = ${lease.expiresAt}
    WHERE id = ${lease.id} AND state = 'live' AND (holder IS NULL OR holder = ${lease.holder})`)
  return count > 0
}

/** Ends a live transfer; false when it had ended, or somebody took it, since it was read. */
export async function endTransfer(
  tx: Tx,
  { id, holder }: Transfer,
  end: { readonly state: Exclude<TransferState, 'live'>; readonly now: Date },
): Promise<boolean> {
  const { count } = await tx.transfer.updateMany({
    where: { id, state: 'live', holder },
    data: { state: end.state, expiresAt: new Date(end.now.getTime() + REMEMBERED_MS) },
  })
  return count > 0
}

/** Live transfers whose lease has ended, oldest first. */
export async function expiredTransfers(database: Database, now: Date, limit: number): Promise<string[]> {
  const rows = await database.query(sql`
    SELECT id FROM transfers WHERE expires_at < ${now} AND state = 'live' ORDER BY expires_at LIMIT ${limit}`)
  return rows.map(([id]) => String(id))
}

/** Forgets some ended transfers that were remembered long enough. */
export async function forgetTransfers(database: Database, now: Date, limit: number): Promise<void> {
  const rows = await database.query(sql`
    SELECT id FROM transfers WHERE expires_at < ${now} AND state <> 'live' ORDER BY expires_at LIMIT ${limit}`)
  for (const [id] of rows) {
    await database.execute(sql`DELETE FROM transfers WHERE id = ${String(id)} AND state <> 'live'`)
  }
}
