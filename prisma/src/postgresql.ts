import { PrismaPg } from '@prisma/adapter-pg'
import type { SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils'
import type { PoolOptions, ServerConnection } from './connection.ts'
import { tlsSettings } from './tls.ts'

const CONNECT_TIMEOUT_MS = 5_000
/** Statements kept prepared by the server on each connection. */
const PREPARED_STATEMENTS = 256

/** Prisma's adapter for PostgreSQL. */
export function postgresqlAdapter(connection: ServerConnection, pool: PoolOptions): SqlDriverAdapterFactory {
  const ssl = tlsSettings(connection.parameters)
  return new PrismaPg(
    {
      host: connection.parameters.host ?? connection.host,
      port: connection.port,
      database: connection.database,
      ...(connection.user !== undefined && { user: connection.user }),
      ...(connection.password !== undefined && { password: connection.password }),
      ...(ssl !== undefined && { ssl }),
      max: pool.maxConnections,
      connectionTimeoutMillis: Math.max(pool.acquireTimeoutMs, CONNECT_TIMEOUT_MS),
      idleTimeoutMillis: pool.idleSeconds * 1_000,
      keepAlive: true,
      application_name: 'glance-registry',
    },
    { statementNameGenerator: statementNames() },
  )
}

/** A name for each of the first statements seen; those beyond stay nameless and are parsed each time. */
function statementNames(): (query: { readonly sql: string }) => string {
  const names = new Map<string, string>()
  return ({ sql }) => {
    const known = names.get(sql)
    if (known !== undefined) return known
    if (names.size >= PREPARED_STATEMENTS) return ''
    const name = `glance_${names.size}`
    names.set(sql, name)
    return name
  }
}
