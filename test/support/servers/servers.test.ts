import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { findBinary } from '../binaries.ts'
import { cleanEnv } from '../child.ts'
import { firstAnswer, isListening } from '../ports.ts'
import { allPids, commandLineOf, descendantsOf, isAlive, type ProcessStat, processStat } from '../proc.ts'
import { startMariadb } from './mariadb.ts'
import { startPostgres } from './postgres.ts'
import { startRabbitmq } from './rabbitmq.ts'
import { startRedis } from './redis.ts'
import type { DatabaseServer, RunningServer } from './server.ts'

const run = promisify(execFile)

interface Kind {
  readonly start: () => Promise<RunningServer>
  readonly scheme: string
  /** Stores a value; kept must give it back after a restart. */
  readonly store: (server: RunningServer) => Promise<void>
  readonly kept: (server: RunningServer) => Promise<string>
}

const kinds: Record<string, Kind> = {
  redis: {
    start: startRedis,
    scheme: 'redis:',
    store: async (server) => expect(await redis(server, 'SET kept value-1')).toBe('+OK'),
    kept: async (server) => ((await redis(server, 'GET kept')).includes('value-1') ? 'value-1' : 'nothing'),
  },
  mariadb: {
    start: startMariadb,
    scheme: 'mysql:',
    store: async (server) => {
      await (server as DatabaseServer).createDatabase('second')
      await mariadb(server, "CREATE TABLE second.t (v VARCHAR(20)); INSERT INTO second.t VALUES ('value-1')")
    },
    kept: (server) => mariadb(server, 'SELECT v FROM second.t'),
  },
  postgres: {
    start: startPostgres,
    scheme: 'postgresql:',
    store: async (server) => {
      await psql(server, "CREATE TABLE t (v text); INSERT INTO t VALUES ('value-1')")
    },
    kept: (server) => psql(server, 'SELECT v FROM t'),
  },
}

describe.each(Object.entries(kinds))('%s', (_name, kind) => {
  it('keeps data and port through halt, crash and restart, and leaves nothing after stop', async () => {
    const server = await kind.start()
    onTestFinished(() => server.stop())
    const url = new URL(server.url)
    expect(url.protocol).toBe(kind.scheme)
    expect(url.hostname).toBe('127.0.0.1')
    const first = processStat(server.pid())
    await kind.store(server)

    await server.halt()
    expect(server.isRunning()).toBe(false)
    expect(await isListening(server.port)).toBe(false)
    await server.start()
    expect(await kind.kept(server)).toBe('value-1')
    await server.kill()
    expect(await isListening(server.port)).toBe(false)
    await server.start()
    expect(await kind.kept(server)).toBe('value-1')
    await server.restart()
    expect(await kind.kept(server)).toBe('value-1')

    const last = processStat(server.pid())
    await server.stop()
    expectGone([first, last], server)
  })
})

describe('rabbitmq', () => {
  it('serves AMQP again after halt, crash and restart, and leaves nothing after stop, epmd included', async () => {
    const server = await startRabbitmq()
    onTestFinished(() => server.stop())
    expect(new URL(server.url).protocol).toBe('amqp:')
    const first = descendantsOf(process.pid)
    expect(first.map((stat) => commandLineOf(stat.pid)).some((line) => line.includes('epmd'))).toBe(true)
    await server.halt()
    expect(first.filter(isAlive)).toEqual([])
    await server.start()
    await server.kill()
    await server.restart()
    expect((await firstAnswer(server.port, 'AMQP\0\0\x09\x01'))?.[0]).toBe(1)
    const last = descendantsOf(process.pid)
    await server.stop()
    expectGone([...first, ...last], server)
  })
})

describe('createDatabase', () => {
  it.each([
    ['mariadb', startMariadb],
    ['postgres', startPostgres],
  ])('of %s refuses a name that would need escaping', async (_name, start) => {
    const server = await start()
    onTestFinished(() => server.stop())
    await expect(server.createDatabase('a`b')).rejects.toThrow(/database name "a`b"/)
    expect(new URL(await server.createDatabase('other')).pathname).toBe('/other')
  })
})

async function redis(server: RunningServer, command: string): Promise<string> {
  return (await firstAnswer(server.port, `${command}\r\n`))?.toString('latin1').trim() ?? ''
}

async function mariadb(server: RunningServer, statement: string): Promise<string> {
  const url = new URL(server.url)
  const target = ['--no-defaults', '--protocol=tcp', `--host=${url.hostname}`, `--port=${url.port}`]
  const options = [...target, `--user=${url.username}`, '--skip-column-names', '--batch', '--execute', statement]
  const { stdout } = await run(findBinary('mariadb'), options, { env: cleanEnv({ MYSQL_PWD: url.password }) })
  return stdout.trim()
}

async function psql(server: RunningServer, statement: string): Promise<string> {
  const options = ['--no-psqlrc', '--tuples-only', '--no-align', '--dbname', server.url, '--command', statement]
  const { stdout } = await run(findBinary('psql'), options, { env: cleanEnv() })
  return stdout.trim()
}

function expectGone(processes: (ProcessStat | undefined)[], server: RunningServer): void {
  expect(processes.filter((stat) => stat !== undefined && isAlive(stat))).toEqual([])
  expect(existsSync(server.dir)).toBe(false)
  expect(allPids().filter((pid) => commandLineOf(pid).includes(server.dir))).toEqual([])
}
