import type { SqlDriverAdapter, SqlDriverAdapterFactory, SqlQuery } from '@prisma/driver-adapter-utils'
import { type BatchCheck, runBatch } from './batch.ts'
import type { Connection, PoolOptions } from './connection.ts'
import type { PrismaClient } from './generated/sqlite/client.ts'
import { observed, type StatementObserver } from './observe.ts'

export type { ArgType } from '@prisma/driver-adapter-utils'
export type { Connection, PoolOptions } from './connection.ts'
export type { Prisma, PrismaClient } from './generated/sqlite/client.ts'
export type { StatementObserver } from './observe.ts'

/** An open database: the driver below, and Prisma's client over the same connections. */
export interface OpenPrisma {
  readonly adapter: SqlDriverAdapter
  /** Runs changing statements straight through the driver, all or none. */
  batch(queries: readonly SqlQuery[], check?: BatchCheck): Promise<void>
  /**
   * Loads the client at its first call: it costs 30 MiB and a tenth of a second, which a process that only reads and
   * waits never pays.
   */
  client(): Promise<PrismaClient>
  close(): Promise<void>
}

/**
 * Opens a database. Only the driver and the client of its kind are loaded. A database server that is away is no error
 * here: the first statement tells.
 */
export async function openPrisma(
  connection: Connection,
  { pool, onStatement }: { readonly pool: PoolOptions; readonly onStatement?: StatementObserver | undefined },
): Promise<OpenPrisma> {
  const factory = await adapterFactory(connection, pool)
  const connected = await factory.connect()
  const adapter = onStatement === undefined ? connected : observed(connected, onStatement)
  let client: Promise<PrismaClient> | undefined
  return {
    adapter,
    batch: (queries, check) => runBatch(adapter, queries, check),
    client: () => {
      client ??= loadClient(connection.provider, {
        provider: factory.provider,
        adapterName: factory.adapterName,
        // One set of connections for both: the client must not close what it did not open.
        connect: async () => lent(adapter),
      })
      return client
    },
    close: async () => {
      if (client !== undefined) await (await client).$disconnect()
      await adapter.dispose()
    },
  }
}

async function adapterFactory(connection: Connection, pool: PoolOptions): Promise<SqlDriverAdapterFactory> {
  switch (connection.provider) {
    case 'sqlite': {
      const { sqliteAdapter } = await import('./sqlite/adapter.ts')
      return sqliteAdapter(connection.file)
    }
    case 'mysql': {
      const { mysqlAdapter } = await import('./mysql.ts')
      return mysqlAdapter(connection, pool)
    }
    case 'postgresql': {
      const { postgresqlAdapter } = await import('./postgresql.ts')
      return postgresqlAdapter(connection, pool)
    }
  }
}

/** The three clients differ in their types only where no query of ours does: SQLite's, the narrowest, stand for all. */
async function loadClient(provider: Connection['provider'], adapter: SqlDriverAdapterFactory): Promise<PrismaClient> {
  const options = { adapter, errorFormat: 'minimal' } as const
  switch (provider) {
    case 'sqlite': {
      const { PrismaClient } = await import('./generated/sqlite/client.ts')
      return new PrismaClient(options)
    }
    case 'mysql': {
      const { PrismaClient } = await import('./generated/mysql/client.ts')
      return new PrismaClient(options) as unknown as PrismaClient
    }
    case 'postgresql': {
      const { PrismaClient } = await import('./generated/postgresql/client.ts')
      return new PrismaClient(options) as unknown as PrismaClient
    }
  }
}

function lent(adapter: SqlDriverAdapter): SqlDriverAdapter {
  return new Proxy(adapter, {
    get: (target, name) => {
      if (name === 'dispose') return async () => undefined
      const member: unknown = Reflect.get(target, name, target)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}
