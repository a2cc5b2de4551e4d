import { setTimeout as pause } from 'node:timers/promises'
import type { ArgType, Connection, OpenPrisma, PoolOptions, Prisma, StatementObserver } from '@glance/prisma/open'
import { GlanceError, isCode } from '@glance/shared/errors/error'
import { faultOf, toRegistryError } from './errors.ts'
import { type Provider, type Sql, textFor, type Value } from './sql.ts'

/** Typed access to the tables within one transaction. */
export type Tx = Prisma.TransactionClient

/** A row as the driver gives it, in the order of the columns asked for. */
export type Row = readonly unknown[]

/** One statement of a batch; a batch is undone when the statement changes another number of rows than expected. */
export interface Statement {
  readonly sql: Sql
  readonly expect?: number
}

/**
 * The metadata store. Throws GlanceErrors only: Duplicate for a taken unique key, Unavailable when the database cannot
 * be reached or stays busy, BadRequest for a value that does not fit. Never throws a driver's words.
 */
export interface Database {
  readonly provider: Provider
  /** One reading statement, straight through the driver. */
  query(statement: Sql): Promise<Row[]>
  /** One changing statement, straight through the driver; answers how many rows it met. */
  execute(statement: Sql): Promise<number>
  /** Several changing statements, all or none, straight through the driver. */
  batch(statements: readonly Statement[]): Promise<void>
  /**
   * A transaction on the typed tables. It is run again from its start when another one was in the way, so its work
   * must have no other effects.
   */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /**
   * Applies what is missing of the schema; answers the names of the migrations applied. Throws an Error in words for
   * the operator when the schema is not one this program can go on from.
   */
  migrate(): Promise<string[]>
  /** Names of the migrations that are missing. Throws like `migrate`. */
  pendingMigrations(): Promise<string[]>
  ping(): Promise<void>
  close(): Promise<void>
}

const POOL: PoolOptions = { maxConnections: 10, acquireTimeoutMs: 5_000, idleSeconds: 600, sqlMode: 'TRADITIONAL' }
const MAX_ATTEMPTS = 12
const FIRST_PAUSE_MS = 5
const LONGEST_PAUSE_MS = 500
const TRANSACTION_MS = 15_000

export interface DatabaseOptions extends Partial<PoolOptions> {
  /** Told of every statement, without its values. */
  readonly onStatement?: StatementObserver | undefined
}

/** Opens a database; `options` bounds the connections to a server. The database need not be up yet. */
export async function openDatabase(connection: Connection, options: DatabaseOptions = {}): Promise<Database> {
  const { onStatement, ...pool } = options
  const { openPrisma } = await import('@glance/prisma/open')
  const prisma = await openPrisma(connection, { pool: { ...POOL, ...pool }, onStatement })
  return buildDatabase(prisma, connection.provider)
}

function buildDatabase(prisma: OpenPrisma, provider: Provider): Database {
  const { adapter } = prisma
  const statements = statementMaker(provider)
  const attempt = <T>(work: () => Promise<T>) => withRetries(work)
  return {
    provider,
    query: (statement) => attempt(async () => (await adapter.queryRaw(statements(statement))).rows),
    execute: (statement) => attempt(() => adapter.executeRaw(statements(statement))),
    batch: (batch) => {
      const queries = batch.map(({ sql }) => statements(sql))
      const isChecked = batch.some(({ expect }) => expect !== undefined)
      const check = (index: number, changed: number) => requireChanged(batch[index], changed)
      return attempt(() => prisma.batch(queries, isChecked ? check : undefined))
    },
    transaction: (work) =>
      attempt(async () => {
        const client = await prisma.client()
        return client.$transaction(work, { maxWait: TRANSACTION_MS, timeout: TRANSACTION_MS })
      }),
    migrate: async () => {
      const { applyMigrations } = await import('@glance/prisma/migrate')
      return onSchema(() => applyMigrations(adapter, provider))
    },
    pendingMigrations: async () => {
      const { pendingMigrations } = await import('@glance/prisma/migrate')
      return onSchema(() => pendingMigrations(adapter, provider))
    },
    ping: async () => {
      await attempt(() => adapter.queryRaw(statements({ text: 'SELECT 1', values: [] })))
    },
    close: () => prisma.close(),
  }
}

type StatementMaker = (statement: Sql) => { sql: string; args: unknown[]; argTypes: ArgType[] }

/** Texts are few and long: each is put into the database's words once. */
function statementMaker(provider: Provider): StatementMaker {
  return (statement) => ({
    sql: textFor(provider, statement),
    args: [...statement.values],
    argTypes: statement.values.map(typeOf),
  })
}

const TEXT: ArgType = { scalarType: 'string', arity: 'scalar' }
const NUMBER: ArgType = { scalarType: 'unknown', arity: 'scalar' }
const BOOLEAN: ArgType = { scalarType: 'boolean', arity: 'scalar' }
const TIME: ArgType = { scalarType: 'datetime', arity: 'scalar' }

function typeOf(value: Value): ArgType {
  if (value instanceof Date) return TIME
  if (typeof value === 'number') return NUMBER
  return typeof value === 'boolean' ? BOOLEAN : TEXT
}

function requireChanged(statement: Statement | undefined, changed: number): void {
  if (statement?.expect === undefined || statement.expect === changed) return
  throw new GlanceError('Conflict', 'The resource was changed by another request at the same time.')
}

/** What is wrong with a schema is for the operator to read, in the words of whoever found it. */
async function onSchema<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await withRetries(work)
  } catch (thrown) {
    throw isCode(thrown, 'Internal') ? (thrown.cause ?? thrown) : thrown
  }
}

/** Runs what a deadlock or a busy file stopped again, each time after a longer and random pause. */
async function withRetries<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work()
    } catch (thrown) {
      if (thrown instanceof GlanceError || attempt >= MAX_ATTEMPTS || faultOf(thrown) !== 'conflict') {
        throw toRegistryError(thrown)
      }
      const longest = Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS)
      await pause(longest * (0.5 + Math.random() / 2))
    }
  }
}
