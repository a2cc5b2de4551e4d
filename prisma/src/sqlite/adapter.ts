import type {
  SqlDriverAdapterFactory,
  SqlQuery,
  SqlQueryable,
  SqlResultSet,
  Transaction,
} from '@prisma/driver-adapter-utils'
import type { BatchingAdapter } from '../batch.ts'
import { openConnection, type SqliteConnection } from './connection.ts'
import { toAdapterError } from './faults.ts'
import { columnTypes, fromColumn, toParameter } from './values.ts'
import { openWriter, type Writer } from './writer.ts'

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

function openAdapter(file: string): BatchingAdapter {
  const connection = openConnection(file)
  const writer = openWriter(connection)
  // A database in memory exists within one connection only.
  const reader = file === MEMORY ? connection : openConnection(file)
  return {
    ...ADAPTER,
    queryRaw: (query) =>
      translated(() =>
        isRead(query) ? Promise.resolve(select(reader, query)) : writer.run(() => select(connection, query)),
      ),
    executeRaw: (query) => translated(() => writer.run(() => change(connection, query))),
    executeScript: (script) => translated(() => writer.alone(() => connection.script(script))),
    batch: (queries, check) =>
      translated(() =>
        writer.run(() => {
          for (const [index, query] of queries.entries()) {
            const changed = change(connection, query)
            check?.(index, changed)
          }
        }),
      ),
    startTransaction: () => startTransaction(writer, connection),
    dispose: async () => {
      if (reader !== connection) reader.close()
      writer.close()
    },
  }
}

async function startTransaction(writer: Writer, connection: SqliteConnection): Promise<Transaction> {
  const step = await translated(() => writer.begin())
  const queries: Pick<SqlQueryable, 'queryRaw' | 'executeRaw'> = {
    queryRaw: (query) => translated(async () => select(connection, query)),
    executeRaw: (query) => translated(async () => change(connection, query)),
  }
  return {
    ...ADAPTER,
    ...queries,
    options: { usePhantomQuery: true },
    commit: () => translated(() => step.commit()),
    rollback: () => translated(async () => step.rollback()),
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

async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (thrown) {
    throw toAdapterError(thrown)
  }
}
