import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import type { Connection } from './connection.ts'

/** A step of the schema, as committed in migrations/<provider>/<name>/migration.sql. */
export interface Migration {
  readonly name: string
  readonly statements: readonly string[]
  /** SHA-256 of the file, as Prisma keeps it. */
  readonly checksum: string
}

/** Found alike from src and from dist. */
const FOLDER = new URL('../migrations/', import.meta.url)

/** The migrations of one kind of database, oldest first. */
export function readMigrations(provider: Connection['provider']): Migration[] {
  const folder = new URL(`${provider}/`, FOLDER)
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
    .map((name) => readMigration(name, readFileSync(new URL(`${name}/migration.sql`, folder), 'utf8')))
}

function readMigration(name: string, script: string): Migration {
  return { name, statements: splitScript(script), checksum: createHash('sha256').update(script).digest('hex') }
}

/** The statements of a script in which `;` at the end of a line ends a statement and `--` begins a line of comment. */
export function splitScript(script: string): string[] {
  return script
    .split('\n')
    .filter((line) => !line.startsWith('--'))
    .join('\n')
    .split(/;[ \t]*(?:\n|$)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '')
}
