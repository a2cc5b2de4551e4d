import { PrismaMariaDb } from '@prisma/adapter-mariadb'
import type { SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils'
import type { PoolOptions, ServerConnection } from './connection.ts'
import { tlsSettings } from './tls.ts'

const CONNECT_TIMEOUT_MS = 5_000
/** Statements kept prepared on each connection; without them every statement costs a second round trip. */
const PREPARED_STATEMENTS = 256
/** No JSON aggregate of ours may be cut: the server's default ends them at 1 MiB. */
const MAX_AGGREGATE_BYTES = 4_294_967_295

/** Prisma's adapter for MariaDB and MySQL. */
export function mysqlAdapter(connection: ServerConnection, pool: PoolOptions): SqlDriverAdapterFactory {
  const { parameters } = connection
  const ssl = tlsSettings(parameters)
  const socket = parameters.unix_socket
  return new PrismaMariaDb({
    ...(socket === undefined ? { host: connection.host, port: connection.port } : { socketPath: socket }),
    ...(connection.user !== undefined && { user: connection.user }),
    ...(connection.password !== undefined && { password: connection.password }),
    ...(ssl !== undefined && { ssl }),
    database: connection.database,
    connectionLimit: pool.maxConnections,
    acquireTimeout: pool.acquireTimeoutMs,
    idleTimeout: pool.idleSeconds,
    minimumIdle: 1,
    connectTimeout: CONNECT_TIMEOUT_MS,
    prepareCacheLength: PREPARED_STATEMENTS,
    initSql: sessionStatements(pool),
  })
}

function sessionStatements(pool: PoolOptions): string[] {
  const settings = [
    "time_zone = '+00:00'",
    `group_concat_max_len = ${MAX_AGGREGATE_BYTES}`,
    ...(/^[A-Z_,]+$/.test(pool.sqlMode) ? [`sql_mode = '${pool.sqlMode}'`] : []),
  ]
  // Conditional updates and unique keys decide every race, so no gap between rows needs a lock.
  return [`SET SESSION ${settings.join(', ')}`, 'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED']
}
