import { loadConfig } from '@glance/shared/config/load'
import type { Command } from 'commander'
import { type Database, openDatabase } from '../db/client.ts'
import type { ManageScope } from './scope.ts'

/** `db-check` answers so when migrations are pending. */
const PENDING_EXIT_CODE = 4

async function withDatabase(scope: ManageScope, work: (database: Database) => Promise<void>): Promise<void> {
  const { connection } = loadConfig(scope).database
  if (connection === undefined) throw new Error('[database] connection is not set')
  const database = await openDatabase(connection)
  try {
    await work(database)
  } finally {
    await database.close()
  }
}

/** Adds the verbs that look after the schema. */
export function databaseCommands(program: Command, scope: ManageScope): void {
  program
    .command('db-sync')
    .description('Brings the schema of the database up to date.')
    .action(() =>
      withDatabase(scope, async (database) => {
        const applied = await database.migrate()
        scope.print(applied.length === 0 ? 'The database is up to date.' : `Applied: ${applied.join(', ')}`)
      }),
    )
  program
    .command('db-check')
    .description(
      `Tells whether the schema is up to date: exit code 0, or ${PENDING_EXIT_CODE} when migrations are pending.`,
    )
    .action(() =>
      withDatabase(scope, async (database) => {
        const pending = await database.pendingMigrations()
        scope.print(pending.length === 0 ? 'The database is up to date.' : `Pending: ${pending.join(', ')}`)
        scope.exitCode = pending.length === 0 ? 0 : PENDING_EXIT_CODE
      }),
    )
}
