import type { CallContext } from '@glance/shared/context'
import type { Database } from './client.ts'
import { sql } from './sql.ts'

/** What a token of the built-in identity stands for. */
export interface StoredToken {
  /** ISO 8601, UTC. */
  readonly expiresAt: string
  readonly context: CallContext
  readonly body: unknown
}

export async function insertToken(database: Database, hash: string, token: StoredToken): Promise<void> {
  const body = JSON.stringify({ context: token.context, body: token.body })
  await database.execute(
    sql`INSERT INTO tokens (hash, expires_at, body) VALUES (${hash}, ${new Date(token.expiresAt)}, ${body})`,
  )
}

/** The token of a hash; undefined when it is unknown or has expired. */
export async function findToken(database: Database, hash: string, now: Date): Promise<StoredToken | undefined> {
  const [row] = await database.query(
    sql`SELECT expires_at, body FROM tokens WHERE hash = ${hash} AND expires_at > ${now}`,
  )
  if (row === undefined) return undefined
  const [expiresAt, text] = row
  const { context, body } = JSON.parse(String(text)) as Pick<StoredToken, 'context' | 'body'>
  return { expiresAt: new Date(expiresAt as string | number).toISOString(), context, body }
}

export async function deleteToken(database: Database, hash: string): Promise<void> {
  await database.execute(sql`DELETE FROM tokens WHERE hash = ${hash}`)
}

/** Removes some of the expired tokens. */
export async function deleteExpiredTokens(database: Database, now: Date, limit: number): Promise<void> {
  const rows = await database.query(
    sql`SELECT hash FROM tokens WHERE expires_at <= ${now} ORDER BY expires_at LIMIT ${limit}`,
  )
  for (const [hash] of rows) await deleteToken(database, String(hash))
}
