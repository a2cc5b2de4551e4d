import type { SqlDriverAdapter, SqlQuery, SqlQueryable } from '@prisma/driver-adapter-utils'

/** Told of each statement once it is over; its values are never told. */
export type StatementObserver = (statement: {
  readonly sql: string
  readonly ms: number
  /** Rows read or changed; undefined when it failed. */
  readonly rows: number | undefined
}) => void

/** The same adapter, telling of every statement, those within transactions included. */
export function observed(adapter: SqlDriverAdapter, observe: StatementObserver): SqlDriverAdapter {
  return {
    ...identity(adapter),
    ...observedQueries(adapter, observe),
    ...(adapter.getConnectionInfo && { getConnectionInfo: () => adapter.getConnectionInfo?.() ?? NO_JOINS }),
    executeScript: (script) => adapter.executeScript(script),
    dispose: () => adapter.dispose(),
    startTransaction: async (isolation) => {
      const transaction = await adapter.startTransaction(isolation)
      return {
        ...identity(transaction),
        ...observedQueries(transaction, observe),
        options: transaction.options,
        commit: () => transaction.commit(),
        rollback: () => transaction.rollback(),
      }
    },
  }
}

const NO_JOINS = { supportsRelationJoins: false }

function identity({ provider, adapterName }: SqlQueryable): Pick<SqlQueryable, 'provider' | 'adapterName'> {
  return { provider, adapterName }
}

function observedQueries(
  queryable: SqlQueryable,
  observe: StatementObserver,
): Pick<SqlQueryable, 'queryRaw' | 'executeRaw'> {
  const timed = async <T>(query: SqlQuery, run: () => Promise<T>, count: (result: T) => number): Promise<T> => {
    const began = performance.now()
    let rows: number | undefined
    try {
      const result = await run()
      rows = count(result)
      return result
    } finally {
      observe({ sql: query.sql, ms: performance.now() - began, rows })
    }
  }
  return {
    queryRaw: (query) =>
      timed(
        query,
        () => queryable.queryRaw(query),
        ({ rows }) => rows.length,
      ),
    executeRaw: (query) =>
      timed(
        query,
        () => queryable.executeRaw(query),
        (changed) => changed,
      ),
  }
}
