import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { type Database, type DatabaseOptions, openDatabase } from '@glance/registry/db/client'
import { parseDatabaseUrl } from '@glance/shared/config/database-url'
import { inject } from 'vitest'
import { makeTempDir, removeDir } from '../support/temp-dir.ts'

/** An empty database with the schema in it. */
export interface FreshDatabase {
  /** As an operator would write it. */
  readonly url: string
  /** Closes what is open of it and removes its files; a server's go with the server. */
  remove(): Promise<void>
}

export interface TestedDatabase {
  readonly name: 'SQLite' | 'MariaDB' | 'PostgreSQL'
  create(): Promise<FreshDatabase>
}

/** Every database the product supports: the table of `describe.each`. */
export const DATABASES: readonly TestedDatabase[] = [
  { name: 'SQLite', create: createFile },
  { name: 'MariaDB', create: () => createOn(inject('databaseServers').mariadb) },
  { name: 'PostgreSQL', create: () => createOn(inject('databaseServers').postgres) },
]

/** Opens a database by its URL. */
export function open(url: string, options: DatabaseOptions = {}): Promise<Database> {
  return openDatabase(parseDatabaseUrl(url), options)
}

async function createFile(): Promise<FreshDatabase> {
  const dir = makeTempDir('sqlite')
  const url = `sqlite:///${join(dir, 'glance.sqlite')}`
  await migrate(url)
  return { url, remove: async () => removeDir(dir) }
}

/** Makes a database on a server by the account that the server's URL names. */
export async function createOn(serverUrl: string): Promise<FreshDatabase> {
  const name = `glance_${randomBytes(6).toString('hex')}`
  const server = await open(serverUrl)
  try {
    await server.execute({ text: `CREATE DATABASE ${name}`, values: [] })
  } finally {
    await server.close()
  }
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  await migrate(url.href)
  return { url: url.href, remove: async () => undefined }
}

async function migrate(url: string): Promise<void> {
  const database = await open(url)
  try {
    await database.migrate()
  } finally {
    await database.close()
  }
}
