import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { findBinary } from './binaries.ts'
import { cleanEnv } from './child.ts'

const run = promisify(execFile)

/** Python's own SQLite: the command line of SQLite need not be installed. */
const SQLITE = `
import sqlite3, sys
rows = sqlite3.connect('file:' + sys.argv[1] + '?mode=ro', uri=True, timeout=10).execute(sys.argv[2]).fetchall()
print('\\n'.join('\\t'.join('NULL' if value is None else str(value) for value in row) for row in rows))
`

/**
 * Reads rows straight from a service's database, past the service: what a test asserts was written there.
 * @param url mysql://…, postgresql://… or sqlite:///PATH
 * @param statement one SELECT; no value of it may hold a tab or a line end
 * @returns the columns of each row as text, NULL as "NULL"
 */
export async function readRows(url: string, statement: string): Promise<string[][]> {
  const { stdout } = await query(new URL(url), statement)
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'))
}

/** The one number that `statement` counts. */
export async function readCount(url: string, statement: string): Promise<number> {
  const [[count] = []] = await readRows(url, statement)
  return Number(count)
}

/** Number of transfers that hold an image, and of jobs that have not come to their end. */
export async function countUnfinished(url: string): Promise<number> {
  const live = await readCount(url, "SELECT COUNT(*) FROM transfers WHERE state = 'live'")
  return live + (await readCount(url, 'SELECT COUNT(*) FROM outbox'))
}

function query(url: URL, statement: string): Promise<{ stdout: string }> {
  switch (url.protocol) {
    case 'mysql:': {
      const target = ['--no-defaults', '--protocol=tcp', `--host=${url.hostname}`, `--port=${url.port}`]
      const form = [`--user=${url.username}`, '--skip-column-names', '--batch', '--execute', statement]
      const args = [...target, ...form, url.pathname.slice(1)]
      return run(findBinary('mariadb'), args, { env: cleanEnv({ MYSQL_PWD: url.password }) })
    }
    case 'postgresql:': {
      const form = ['--no-psqlrc', '--tuples-only', '--no-align', '--field-separator=\t', '--pset=null=NULL']
      return run(findBinary('psql'), [...form, '--dbname', url.href, '--command', statement], { env: cleanEnv() })
    }
    case 'sqlite:':
      return run(findBinary('python3'), ['-c', SQLITE, url.pathname, statement], { env: cleanEnv() })
    default:
      throw new Error(`no way to read rows of ${url.protocol}`)
  }
}
