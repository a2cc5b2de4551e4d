import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import { findBinary } from './binaries.ts'
import { cleanEnv } from './child.ts'
import { readCount, readRows } from './rows.ts'
import { startMariadb } from './servers/mariadb.ts'
import { startPostgres } from './servers/postgres.ts'
import { makeTempDir, removeDir } from './temp-dir.ts'

const run = promisify(execFile)

const CREATE = `CREATE TABLE t (a INTEGER, b VARCHAR(20)); INSERT INTO t VALUES (1, 'Größe'), (2, NULL)`

async function sqlite(): Promise<string> {
  const dir = makeTempDir('rows')
  onTestFinished(() => removeDir(dir))
  const path = join(dir, 'db.sqlite')
  const script = 'import sqlite3, sys; sqlite3.connect(sys.argv[1]).executescript(sys.argv[2])'
  await run(findBinary('python3'), ['-c', script, path, CREATE], { env: cleanEnv() })
  return `sqlite://${path}`
}

async function mariadb(): Promise<string> {
  const server = await startMariadb()
  onTestFinished(() => server.stop())
  const url = new URL(server.url)
  const target = ['--no-defaults', '--protocol=tcp', `--host=${url.hostname}`, `--port=${url.port}`]
  const args = [...target, `--user=${url.username}`, '--execute', CREATE, url.pathname.slice(1)]
  await run(findBinary('mariadb'), args, { env: cleanEnv({ MYSQL_PWD: url.password }) })
  return server.url
}

async function postgres(): Promise<string> {
  const server = await startPostgres()
  onTestFinished(() => server.stop())
  await run(findBinary('psql'), ['--quiet', '--dbname', server.url, '--command', CREATE], { env: cleanEnv() })
  return server.url
}

it.each([
  ['SQLite', sqlite],
  ['MariaDB', mariadb],
  ['PostgreSQL', postgres],
])('rows of %s are read as text', async (_name, make) => {
  const url = await make()
  expect(await readRows(url, 'SELECT a, b FROM t ORDER BY a')).toEqual([
    ['1', 'Größe'],
    ['2', 'NULL'],
  ])
  expect(await readCount(url, 'SELECT COUNT(*) FROM t WHERE a > 1')).toBe(1)
  expect(await readRows(url, 'SELECT a FROM t WHERE a > 5')).toEqual([])
  await expect(readRows(url, 'SELECT nothing FROM t')).rejects.toThrow()
})
