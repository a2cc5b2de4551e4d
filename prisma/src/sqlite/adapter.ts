import type {
  SqlDriverAdapter,
  SqlDriverAdapterFactory,
  SqlQuery,
  SqlQueryable,
  SqlResultSet,
  Transaction,
} from '@prisma/driver-adapter-utils'
import { openConnection, type SqliteConnection } from './connection.ts'
import { toAdapterError } from './faults.ts'
import { openTurns } from './turns.ts'
import { columnTypes, fromColumn, toParameter } from './values.ts'

const ADAPTER = { provider: 'sqlite', adapterName: 'glance-sqlite' } as const
const MEMORY = ':memory:'

/**
 * Prisma's adapter for a SQLite file in this process. Beside @prisma/adapter-libsql, which opens a connection and
 * compiles every statement anew for each transaction, it keeps two connections and their compiled statements: one
 * that writes, a transaction at a time, and one that reads meanwhile what was committed before.
 */
export function sqliteAdapter(file: string): SqlDriverAdapterFactory {
  return { ...ADAPTER, connect: async () => openAdapter(file) }
}

function openAdapter(file: string): SqlDriverAdapter {
  const writer = openConnection(file)
  // A database in memory exists within one connection only.
  const reader = file === MEMORY ? writer : openConnection(file)
  const turns = openTurns()
  const inTurn = async <T>(work: () => T): Promise<T> => {
    const done = await turns.take()
    try {
      return translated(work)
    } finally {
      done()
    }
  }
  return {
    ...ADAPTER,
    queryRaw: (query) => (isRead(query) ? queryOn(reader).queryRaw(query) : inTurn(() => select(writer, query))),
    executeRaw: (query) => inTurn(() => change(writer, query)),
    executeScript: (script) => inTurn(() => writer.script(script)),
    startTransaction: async () => {
      const done = await turns.take()
      try {
        // Taking the write lock now, not at the first write: a transaction that read before would have to start over.
        translated(() => writer.run('BEGIN IMMEDIATE', []))
      } catch (thrown) {
        done()
        throw thrown
      }
      return transactionOn(writer, done)
    },
    dispose: async () => {
      if (reader !== writer) reader.close()
      writer.close()
    },
  }
}

function transactionOn(connection: SqliteConnection, done: () => void): Transaction {
  const end = async (word: 'COMMIT' | 'ROLLBACK') => {
    try {
      // Some faults roll back by themselves; then only a commit is a surprise.
      if (word === 'COMMIT' || connection.isInTransaction()) translated(() => connection.run(word, []))
    } finally {
      // A commit that failed stays open, and the next transaction could not begin.
      if (connection.isInTransaction()) connection.run('ROLLBACK', [])
      done()
    }
  }
  return {
    ...ADAPTER,
    ...queryOn(connection),
    options: { usePhantomQuery: true },
    commit: () => end('COMMIT'),
    rollback: () => end('ROLLBACK'),
  }
}

function queryOn(connection: SqliteConnection): Pick<SqlQueryable, 'queryRaw' | 'executeRaw'> {
  return {
    queryRaw: async (query) => translated(() => select(connection, query)),
    executeRaw: async (query) => translated(() => change(connection, query)),
  }
}

function isRead(query: SqlQuery): boolean {
  return /^\s*(SELECT|WITH)\b/i.test(query.sql)
}

function select(connection: SqliteConnection, query: SqlQuery): SqlResultSet {
  const { columns, rows } = connection.run(query.sql, parametersOf(query))
  const types = columnTypes(
    columns.map((column) => column.type),
    rows,
  )
  return {
    columnNames: columns.map((column) => column.name),
    columnTypes: types,
    rows: rows.map((row) => row.map((value, index) => fromColumn(value, types[index]))),
  }
}

function change(connection: SqliteConnection, query: SqlQuery): number {
  return connection.run(query.sql, parametersOf(query)).changes
}

function parametersOf(query: SqlQuery): unknown[] {
  return query.args.map((value, index) => toParameter(value, query.argTypes[index]))
}

function translated<T>(work: () => T): T {
  try {
    return work()
  } catch (thrown) {
    throw toAdapterError(thrown)
  }
}
