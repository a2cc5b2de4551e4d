import { randomUUID } from 'node:crypto'
import { isDriverAdapterError, type SqlDriverAdapter, type SqlQueryable } from '@prisma/driver-adapter-utils'
import type { Connection } from './connection.ts'
import { type Migration, readMigrations } from './migrations.ts'

type Provider = Connection['provider']

/** What `_prisma_migrations` needs to be told in each database; otherwise the words are the same. */
interface Dialect {
  readonly text: (length: number) => string
  readonly time: string
  readonly now: string
  readonly parameter: (position: number) => string
  /** Statements that keep other processes away until the transaction's connection is given back. */
  readonly lock: string
  readonly unlock?: string
  /** Collations to try in place of `utf8mb4_bin`. */
  readonly collations?: readonly string[]
}

const LOCK_SECONDS = 60
// Prisma's own number for the same purpose, so that `prisma migrate deploy` keeps away too.
const POSTGRES_LOCK = 72_707_369

const DIALECTS: Readonly<Record<Provider, Dialect>> = {
  sqlite: {
    text: () => 'TEXT',
    time: 'DATETIME',
    now: 'CURRENT_TIMESTAMP',
    parameter: () => '?',
    // The transaction itself began with the write lock.
    lock: 'SELECT 1',
  },
  mysql: {
    text: (length) => `VARCHAR(${length})`,
    time: 'DATETIME(3)',
    now: 'CURRENT_TIMESTAMP(3)',
    parameter: () => '?',
    lock: `SELECT GET_LOCK('prisma_migrate', ${LOCK_SECONDS})`,
    unlock: `SELECT RELEASE_LOCK('prisma_migrate')`,
    // The portable binary collation takes trailing blanks for nothing. MariaDB and MySQL each have one that does not.
    collations: ['utf8mb4_nopad_bin', 'utf8mb4_0900_bin'],
  },
  postgresql: {
    text: (length) => `VARCHAR(${length})`,
    time: 'TIMESTAMPTZ',
    now: 'now()',
    parameter: (position) => `$${position}`,
    lock: `SELECT 1 FROM (SELECT pg_advisory_xact_lock(${POSTGRES_LOCK})) AS taken`,
  },
}

/**
 * Brings the schema up to date and keeps Prisma's own record of it (`_prisma_migrations`). Several processes may do so
 * at once: one works, the others wait and then find nothing to do.
 * @returns names of the migrations applied now
 * @throws Error when an earlier migration is unfinished or differs from the one at hand, or this program is too old
 */
export async function applyMigrations(adapter: SqlDriverAdapter, provider: Provider): Promise<string[]> {
  const migrations = readMigrations(provider)
  if ((await pendingOf(adapter, migrations)).length === 0) return []
  const dialect = DIALECTS[provider]
  // One connection from lock to unlock. MySQL commits at each table all the same; the others apply all or nothing.
  const transaction = await adapter.startTransaction()
  try {
    await transaction.queryRaw(statement(dialect.lock))
    await transaction.executeRaw(statement(createRecord(dialect)))
    const pending = await pendingOf(transaction, migrations)
    const collation = await bestCollation(transaction, dialect)
    for (const migration of pending) await applyOne(transaction, withCollation(migration, collation), dialect)
    if (dialect.unlock !== undefined) await transaction.queryRaw(statement(dialect.unlock))
    if (!transaction.options.usePhantomQuery) await transaction.executeRaw(statement('COMMIT'))
    await transaction.commit()
    return pending.map((migration) => migration.name)
  } catch (thrown) {
    if (dialect.unlock !== undefined) await transaction.queryRaw(statement(dialect.unlock)).catch(() => undefined)
    if (!transaction.options.usePhantomQuery) {
      await transaction.executeRaw(statement('ROLLBACK')).catch(() => undefined)
    }
    await transaction.rollback()
    throw thrown
  }
}

/** Names of the migrations that are not applied yet, oldest first. Throws like `applyMigrations`. */
export async function pendingMigrations(adapter: SqlQueryable, provider: Provider): Promise<string[]> {
  return (await pendingOf(adapter, readMigrations(provider))).map((migration) => migration.name)
}

async function pendingOf(queryable: SqlQueryable, migrations: readonly Migration[]): Promise<Migration[]> {
  const record = await readRecord(queryable)
  const known = new Set(migrations.map((migration) => migration.name))
  const newer = [...record.keys()].find((name) => !known.has(name))
  if (newer !== undefined) throw new Error(`the database has migration ${newer}, which this program does not know`)
  return migrations.filter((migration) => {
    const applied = record.get(migration.name)
    if (applied === undefined) return true
    if (!applied.isFinished) throw new Error(`migration ${migration.name} began and did not finish: restore a backup`)
    if (applied.checksum !== migration.checksum) {
      throw new Error(`migration ${migration.name} was applied with another content`)
    }
    return false
  })
}

async function readRecord(queryable: SqlQueryable): Promise<Map<string, { checksum: string; isFinished: boolean }>> {
  const columns = 'migration_name, checksum, CASE WHEN finished_at IS NULL THEN 0 ELSE 1 END'
  try {
    const { rows } = await queryable.queryRaw(
      statement(`SELECT ${columns} FROM _prisma_migrations WHERE rolled_back_at IS NULL`),
    )
    return new Map(
      rows.map(([name, checksum, finished]) => [
        String(name),
        { checksum: String(checksum), isFinished: Number(finished) === 1 },
      ]),
    )
  } catch (thrown) {
    if (isMissingTable(thrown)) return new Map()
    throw thrown
  }
}

async function applyOne(transaction: SqlQueryable, migration: Migration, dialect: Dialect): Promise<void> {
  const id = randomUUID()
  const { parameter } = dialect
  await transaction.executeRaw(
    statement(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES (${[1, 2, 3].map(parameter).join(', ')})`,
      [id, migration.checksum, migration.name],
    ),
  )
  for (const sql of migration.statements) await transaction.executeRaw(statement(sql))
  await transaction.executeRaw(
    statement(
      `UPDATE _prisma_migrations SET finished_at = ${dialect.now}, applied_steps_count = 1 WHERE id = ${parameter(1)}`,
      [id],
    ),
  )
}

async function bestCollation(queryable: SqlQueryable, { collations }: Dialect): Promise<string | undefined> {
  if (collations === undefined) return undefined
  const { rows } = await queryable.queryRaw(
    statement(
      `SELECT COLLATION_NAME FROM information_schema.COLLATIONS WHERE COLLATION_NAME IN (${collations.map(() => '?')})`,
      [...collations],
    ),
  )
  return rows[0]?.[0] === undefined ? undefined : String(rows[0][0])
}

function withCollation(migration: Migration, collation: string | undefined): Migration {
  if (collation === undefined) return migration
  const statements = migration.statements.map((sql) => sql.replaceAll('COLLATE utf8mb4_bin', `COLLATE ${collation}`))
  return { ...migration, statements }
}

function createRecord({ text, time, now }: Dialect): string {
  return `CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id ${text(36)} PRIMARY KEY NOT NULL,
    checksum ${text(64)} NOT NULL,
    finished_at ${time},
    migration_name ${text(255)} NOT NULL,
    logs TEXT,
    rolled_back_at ${time},
    started_at ${time} NOT NULL DEFAULT ${now},
    applied_steps_count INTEGER NOT NULL DEFAULT 0
  )`
}

function isMissingTable(thrown: unknown): boolean {
  if (!isDriverAdapterError(thrown)) return false
  return thrown.cause.kind === 'TableDoesNotExist'
}

function statement(sql: string, args: unknown[] = []) {
  return { sql, args, argTypes: args.map(() => ({ scalarType: 'string', arity: 'scalar' }) as const) }
}
