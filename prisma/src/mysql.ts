import { PrismaMariaDb } from '@prisma/adapter-mariadb'
import type { SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils'
import { createPool } from 'mariadb'
import type { PoolOptions, ServerConnection } from './connection.ts'
import { tlsSettings } from './tls.ts'

const CONNECT_TIMEOUT_MS = 5_000
/** Statements kept prepared on each connection; without them every statement costs a second round trip. */
const PREPARED_STATEMENTS = 256

/** What the pool's event hands over: the driver's connection without its promises, whatever its types say. */
interface BareConnection {
  query(command: { readonly sql: string }, resolve: () => void, reject: (why: Error) => void): void
}

/** Prisma's adapter for MariaDB and MySQL. */
export function mysqlAdapter(connection: ServerConnection, options: PoolOptions): SqlDriverAdapterFactory {
  const { parameters } = connection
  const ssl = tlsSettings(parameters)
  const socket = parameters.unix_socket
  const pool = createPool({
    ...(socket === undefined ? { host: connection.host, port: connection.port } : { socketPath: socket }),
    ...(connection.user !== undefined && { user: connection.user }),
    ...(connection.password !== undefined && { password: connection.password }),
    ...(ssl !== undefined && { ssl }),
    database: connection.database,
    connectionLimit: options.maxConnections,
    acquireTimeout: options.acquireTimeoutMs,
    idleTimeout: options.idleSeconds,
    minimumIdle: 1,
    connectTimeout: CONNECT_TIMEOUT_MS,
    prepareCacheLength: PREPARED_STATEMENTS,
    // Said in the handshake. Any statement that the driver itself runs on a new connection, `initSql` and session
    // variables among them, ends the process when the server goes away in that moment: nobody handles its rejection.
    collation: 'UTF8MB4_BIN',
  })
  pool.on('connection', (opened) => prepareSession(opened as unknown as BareConnection, options))
  return new PrismaMariaDb(pool, { disposeExternalPool: true })
}

/** Queued before any transaction of the connection. A server that refuses closes the connection or keeps its defaults. */
function prepareSession(connection: BareConnection, { sqlMode }: PoolOptions): void {
  const run = (sql: string) =>
    connection.query(
      { sql },
      () => undefined,
      () => undefined,
    )
  // Conditional updates and unique keys decide every race, so no gap between rows needs a lock.
  run('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED')
  if (/^[A-Z_,]+$/.test(sqlMode)) run(`SET SESSION sql_mode = '${sqlMode}'`)
}
