import { execFile } from 'node:child_process'
import { chownSync, closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findBinary } from '../binaries.ts'
import { type BoundChild, cleanEnv, spawnBound } from '../child.ts'
import { freePort } from '../ports.ts'
import { allPids, workingDirectoryOf } from '../proc.ts'
import { makeTempDir, removeDir } from '../temp-dir.ts'
import { waitFor } from '../wait.ts'
import { checkDatabaseName } from './database-name.ts'
import { type DatabaseServer, runServer } from './server.ts'

const run = promisify(execFile)

const USER = 'glance'
const PASSWORD = 'glance-secret'
const DATABASE = 'glance'

interface Account {
  readonly uid: number
  readonly gid: number
}

/**
 * A private PostgreSQL with its durable defaults, UTF-8, up to 300 connections, passwords over TCP only.
 * PostgreSQL refuses to run as root: then it runs as the user `postgres`, or `nobody`.
 * `url` is postgresql://USER:PASSWORD@127.0.0.1:PORT/glance; the user is a superuser.
 * @throws Error when PostgreSQL is not installed or does not start
 */
export async function startPostgres(): Promise<DatabaseServer> {
  const binary = findBinary('postgres')
  const client = findBinary('createdb')
  const port = await freePort()
  const dir = makeTempDir('postgres')
  const logFile = join(dir, 'postgres.log')
  const data = join(dir, 'data')
  const account = unprivilegedAccount()
  const env = cleanEnv({ HOME: dir })
  const args = ['-D', data, '-h', '127.0.0.1', '-p', String(port), '-k', '', '-c', 'max_connections=300']
  await initialize(dir, account)
  const createDatabase = async (name: string): Promise<string> => {
    const target = ['--host', '127.0.0.1', '--port', String(port), '--username', USER, '--no-password']
    const options = [...target, '--maintenance-db', 'postgres', checkDatabaseName(name)]
    await run(client, options, { env: { ...env, PGPASSWORD: PASSWORD } })
    return databaseUrl(port, name)
  }
  const server = await runServer({
    name: 'postgres',
    url: databaseUrl(port, DATABASE),
    port,
    dir,
    logFile,
    // Fast shutdown: ends sessions, then writes a checkpoint. Immediate shutdown: as a crash, but no shared memory stays.
    haltSignal: 'SIGINT',
    stopSignal: 'SIGQUIT',
    launch: async () => {
      const log = openSync(logFile, 'a')
      try {
        return await spawnBound(binary, args, {
          cwd: dir,
          env,
          stdio: ['ignore', log, log],
          deathSignal: 'QUIT',
          ...account,
        })
      } finally {
        closeSync(log)
      }
    },
    isReady: async (child) => isServing(data, child),
    // After SIGKILL its children end by themselves a moment later; until then the data directory counts as in use.
    afterEnd: async () => {
      const inUse = () => allPids().some((pid) => workingDirectoryOf(pid) === data)
      await waitFor(() => !inUse(), { what: 'children of postgres still run', timeoutMs: 10_000 })
    },
    beforeRemoval: async () => removeSharedMemory(data),
  })
  try {
    await createDatabase(DATABASE)
  } catch (error) {
    await server.stop()
    throw error
  }
  return { ...server, createDatabase }
}

async function initialize(dir: string, account: Partial<Account>): Promise<void> {
  const passwordFile = join(dir, 'password')
  writeFileSync(passwordFile, PASSWORD, { mode: 0o600 })
  if (account.uid !== undefined && account.gid !== undefined) {
    for (const path of [dir, passwordFile]) chownSync(path, account.uid, account.gid)
  }
  const form = ['--encoding', 'UTF8', '--locale', 'C.UTF-8', '--auth', 'scram-sha-256', '--no-sync']
  const options = ['--pgdata', join(dir, 'data'), '--username', USER, '--pwfile', passwordFile, ...form]
  try {
    await run(findBinary('initdb'), options, { env: cleanEnv({ HOME: dir }), cwd: dir, ...account })
  } catch (error) {
    removeDir(dir)
    throw error
  }
}

/** The server writes its pid on the first line of this file, and its state on the eighth. */
function isServing(data: string, child: BoundChild): boolean {
  const lines = lockFile(data)
  return lines[0] === String(child.pid) && lines[7]?.trim() === 'ready'
}

/** After SIGKILL the few bytes of System V shared memory that guard the data directory stay in the kernel. */
async function removeSharedMemory(data: string): Promise<void> {
  const id = lockFile(data)[6]?.trim().split(/\s+/)[1]
  if (id !== undefined) await run(findBinary('ipcrm'), ['--shmem-id', id]).catch(() => undefined)
}

function lockFile(data: string): string[] {
  try {
    return readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')
  } catch {
    return []
  }
}

function unprivilegedAccount(): Partial<Account> {
  if (process.getuid?.() !== 0) return {}
  const accounts = readFileSync('/etc/passwd', 'utf8').split('\n')
  for (const name of ['postgres', 'nobody']) {
    const fields = accounts.find((line) => line.startsWith(`${name}:`))?.split(':')
    if (fields !== undefined) return { uid: Number(fields[2]), gid: Number(fields[3]) }
  }
  throw new Error('PostgreSQL does not run as root, and there is neither a user postgres nor nobody')
}

function databaseUrl(port: number, name: string): string {
  return `postgresql://${USER}:${PASSWORD}@127.0.0.1:${port}/${name}`
}
