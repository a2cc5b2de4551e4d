import type { SqlDriverAdapter, SqlQuery, SqlQueryable } from '@prisma/driver-adapter-utils'

/** Told how many rows each statement of a batch changed, in order; what it throws undoes the whole batch. */
export type BatchCheck = (index: number, changed: number) => void

/** An adapter that has a way of its own to run several changing statements, all or none. */
export interface BatchingAdapter extends SqlDriverAdapter {
  batch?(queries: readonly SqlQuery[], check?: BatchCheck): Promise<void>
}

/** Runs changing statements, all or none. */
export async function runBatch(
  adapter: BatchingAdapter,
  queries: readonly SqlQuery[],
  check?: BatchCheck,
): Promise<void> {
  const [first, ...rest] = queries
  if (first === undefined) return
  if (adapter.batch !== undefined) return adapter.batch(queries, check)
  if (rest.length === 0 && check === undefined) {
    // One statement is a transaction by itself, and costs one round trip instead of three.
    await adapter.executeRaw(first)
    return
  }
  await inTransaction(adapter, async (queryable) => {
    for (const [index, query] of queries.entries()) {
      const changed = await queryable.executeRaw(query)
      check?.(index, changed)
    }
  })
}

async function inTransaction(
  adapter: SqlDriverAdapter,
  work: (queryable: SqlQueryable) => Promise<void>,
): Promise<void> {
  const transaction = await adapter.startTransaction()
  // Some adapters leave the closing statement to whoever runs the transaction.
  const close = async (word: 'COMMIT' | 'ROLLBACK') => {
    if (!transaction.options.usePhantomQuery) await transaction.executeRaw({ sql: word, args: [], argTypes: [] })
  }
  try {
    await work(transaction)
    await close('COMMIT')
  } catch (thrown) {
    await close('ROLLBACK').catch(() => undefined)
    await transaction.rollback().catch(() => undefined)
    throw thrown
  }
  // Gives the connection back whether it succeeds or not: nothing may be rolled back after it.
  await transaction.commit()
}
