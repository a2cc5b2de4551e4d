import Driver from 'libsql'

/** Rows of one statement, or how many it changed. */
export interface StatementResult {
  readonly columns: readonly { readonly name: string; readonly type: string | null }[]
  readonly rows: unknown[][]
  readonly changes: number
}

/** One connection to a database file. Every call runs at once and blocks until it is done. */
export interface SqliteConnection {
  run(sql: string, parameters: unknown[]): StatementResult
  /** Runs statements without parameters. */
  script(sql: string): void
  isInTransaction(): boolean
  close(): void
}

/** Statements kept compiled per connection; the oldest makes room. */
const MAX_STATEMENTS = 256
/** How long a statement waits for another process that is writing; the process stands still meanwhile. */
const BUSY_TIMEOUT_MS = 250

interface Prepared {
  readonly statement: ReturnType<Driver.Database['prepare']>
  readonly columns: StatementResult['columns']
  readonly isReader: boolean
}

/**
 * Opens a database file so that a commit that was answered survives power loss: write-ahead log, synced at each
 * commit. Both settings but the first belong to the connection, so each one makes them anew.
 * @throws libsql's SqliteError when the file cannot be opened
 */
export function openConnection(path: string): SqliteConnection {
  const db = new Driver(path, { timeout: BUSY_TIMEOUT_MS })
  const prepared = new Map<string, Prepared>()
  for (const pragma of [
    `busy_timeout = ${BUSY_TIMEOUT_MS}`,
    'journal_mode = WAL',
    'synchronous = FULL',
    'foreign_keys = ON',
  ]) {
    db.prepare(`PRAGMA ${pragma}`).all()
  }

  const prepare = (sql: string): Prepared => {
    const known = prepared.get(sql)
    if (known !== undefined) return known
    const statement = db.prepare(sql)
    const isReader = statement.reader
    const fresh = { statement, isReader, columns: isReader ? statement.raw(true).columns() : [] }
    const oldest = prepared.size >= MAX_STATEMENTS ? prepared.keys().next().value : undefined
    if (oldest !== undefined) prepared.delete(oldest)
    prepared.set(sql, fresh)
    return fresh
  }

  return {
    run: (sql, parameters) => {
      const { statement, columns, isReader } = prepare(sql)
      if (isReader) return { columns, rows: statement.all(parameters) as unknown[][], changes: 0 }
      return { columns, rows: [], changes: statement.run(parameters).changes }
    },
    script: (sql) => {
      db.exec(sql)
      // A changed table may change the columns of what was compiled before.
      prepared.clear()
    },
    isInTransaction: () => db.inTransaction,
    close: () => {
      prepared.clear()
      db.close()
    },
  }
}
