import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { findBinary } from '../binaries.ts'
import { spawnBound } from '../child.ts'
import { firstAnswer, freePort } from '../ports.ts'
import { makeTempDir } from '../temp-dir.ts'
import { type RunningServer, runServer } from './server.ts'

/**
 * A private Redis whose append-only file keeps what it has acknowledged through a crash of the process (written before
 * each answer, synced every second), and that never evicts a key, as job queues need it.
 * `url` is redis://127.0.0.1:PORT/0.
 * @throws Error when Redis is not installed or does not start
 */
export async function startRedis(): Promise<RunningServer> {
  const binary = findBinary('redis-server')
  const port = await freePort()
  const dir = makeTempDir('redis')
  const logFile = join(dir, 'redis.log')
  const settings = ['--bind', '127.0.0.1', '--port', String(port), '--dir', dir, '--daemonize', 'no']
  const durability = [
    '--appendonly',
    'yes',
    '--appendfsync',
    'everysec',
    '--save',
    '',
    '--maxmemory-policy',
    'noeviction',
  ]
  return runServer({
    name: 'redis',
    url: `redis://127.0.0.1:${port}/0`,
    port,
    dir,
    logFile,
    haltSignal: 'SIGTERM',
    stopSignal: 'SIGKILL',
    launch: async () => {
      const log = openSync(logFile, 'a')
      try {
        return await spawnBound(binary, [...settings, ...durability], { cwd: dir, stdio: ['ignore', log, log] })
      } finally {
        closeSync(log)
      }
    },
    // Answers -LOADING while it reads its append-only file back.
    isReady: async () => (await firstAnswer(port, 'PING\r\n'))?.toString('latin1').startsWith('+PONG') ?? false,
  })
}
