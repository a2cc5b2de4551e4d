import { execFile } from 'node:child_process'
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findBinary } from '../binaries.ts'
import { cleanEnv, spawnBound } from '../child.ts'
import { firstAnswer, freePort } from '../ports.ts'
import { makeTempDir, removeDir } from '../temp-dir.ts'
import { checkDatabaseName } from './database-name.ts'
import { type DatabaseServer, runServer } from './server.ts'

const run = promisify(execFile)

const USER = 'glance'
const PASSWORD = 'glance-secret'
const DATABASE = 'glance'

/**
 * A private MariaDB, durable as in production (each commit is synced), UTF-8 throughout (utf8mb4), up to 300
 * connections. `url` is mysql://USER:PASSWORD@127.0.0.1:PORT/glance; the user owns every database.
 * @throws Error when MariaDB is not installed or does not start
 */
export async function startMariadb(): Promise<DatabaseServer> {
  const binary = findBinary('mariadbd')
  const client = findBinary('mariadb')
  const port = await freePort()
  const dir = makeTempDir('mariadb')
  const logFile = join(dir, 'mariadb.log')
  const socket = join(dir, 'sock')
  const args = serverArguments(dir, port)
  await prepare(dir)
  const server = await runServer({
    name: 'mariadb',
    url: databaseUrl(port, DATABASE),
    port,
    dir,
    logFile,
    haltSignal: 'SIGTERM',
    stopSignal: 'SIGKILL',
    launch: async () => {
      const log = openSync(logFile, 'a')
      try {
        return await spawnBound(binary, args, { cwd: dir, stdio: ['ignore', log, log] })
      } finally {
        closeSync(log)
      }
    },
    // It greets first; protocol version 10 after the packet's length and number.
    isReady: async () => (await firstAnswer(port, ''))?.[4] === 10,
  })
  const createDatabase = async (name: string): Promise<string> => {
    const options = ['--no-defaults', '--socket', socket, '--user', 'root', '--execute', createStatement(name)]
    await run(client, options, { env: cleanEnv() })
    return databaseUrl(port, name)
  }
  return { ...server, createDatabase }
}

async function prepare(dir: string): Promise<void> {
  mkdirSync(join(dir, 'tmp'))
  const grant = `CREATE USER IF NOT EXISTS '${USER}'@'127.0.0.1' IDENTIFIED BY '${PASSWORD}';
GRANT ALL ON *.* TO '${USER}'@'127.0.0.1';
CREATE DATABASE IF NOT EXISTS \`${DATABASE}\`;
`
  // One statement a line: the server runs this file at each start before it accepts connections.
  writeFileSync(join(dir, 'init.sql'), grant, { mode: 0o600 })
  const options = ['--no-defaults', `--datadir=${join(dir, 'data')}`, `--user=${userInfo().username}`]
  const form = ['--auth-root-authentication-method=normal', '--skip-test-db', '--skip-name-resolve']
  try {
    // In a directory of its own: several bootstraps at once take the same names for their temporary tables.
    const env = { ...cleanEnv(), TMPDIR: join(dir, 'tmp') }
    await run(findBinary('mariadb-install-db'), [...options, ...form], { env, cwd: dir })
  } catch (error) {
    removeDir(dir)
    throw error
  }
}

function serverArguments(dir: string, port: number): string[] {
  return [
    '--no-defaults',
    `--user=${userInfo().username}`,
    `--datadir=${join(dir, 'data')}`,
    `--tmpdir=${join(dir, 'tmp')}`,
    `--socket=${join(dir, 'sock')}`,
    `--pid-file=${join(dir, 'mariadb.pid')}`,
    `--init-file=${join(dir, 'init.sql')}`,
    '--bind-address=127.0.0.1',
    `--port=${port}`,
    '--skip-name-resolve',
    '--skip-log-bin',
    '--character-set-server=utf8mb4',
    '--collation-server=utf8mb4_general_ci',
    '--innodb-flush-log-at-trx-commit=1',
    '--innodb-buffer-pool-size=128M',
    '--max-connections=300',
  ]
}

function createStatement(name: string): string {
  return `CREATE DATABASE \`${checkDatabaseName(name)}\` CHARACTER SET utf8mb4`
}

function databaseUrl(port: number, name: string): string {
  return `mysql://${USER}:${PASSWORD}@127.0.0.1:${port}/${name}`
}
