/** How to reach a database. */
export type Connection =
  | { readonly provider: 'sqlite' /** Path of the file, or `:memory:`. */; readonly file: string }
  | ServerConnection

export interface ServerConnection {
  readonly provider: 'mysql' | 'postgresql'
  readonly host: string
  readonly port: number
  readonly user: string | undefined
  readonly password: string | undefined
  readonly database: string
  /** Of the URL's query: `unix_socket`, `ssl_ca`, `ssl_cert`, `ssl_key`, `sslmode`, `sslrootcert`, `sslcert`, `sslkey`. */
  readonly parameters: Readonly<Record<string, string>>
}

/** Bounds of the connections to a database server; a SQLite file knows none of them. */
export interface PoolOptions {
  readonly maxConnections: number
  /** Milliseconds to wait for a free connection. */
  readonly acquireTimeoutMs: number
  /** Seconds after which an idle connection is closed. */
  readonly idleSeconds: number
  /** MySQL's sql_mode of each session; empty keeps the server's. */
  readonly sqlMode: string
}
