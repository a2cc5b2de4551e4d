import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findBinary } from '../binaries.ts'
import { type BoundChild, cleanEnv, spawnBound } from '../child.ts'
import { firstAnswer, freePort, isListening } from '../ports.ts'
import { makeTempDir } from '../temp-dir.ts'
import { waitFor } from '../wait.ts'
import { type RunningServer, runServer } from './server.ts'

const USER = 'glance'
const PASSWORD = 'glance-secret'

interface Ports {
  readonly amqp: number
  readonly distribution: number
  readonly epmd: number
}

/**
 * A private RabbitMQ node with an Erlang port mapper (epmd) of its own: two processes, three ports, no plugins.
 * `url` is amqp://USER:PASSWORD@127.0.0.1:PORT/%2F; the user may configure everything.
 * @throws Error when RabbitMQ is not installed or does not start
 */
export async function startRabbitmq(): Promise<RunningServer> {
  const server = findBinary('rabbitmq-server')
  const epmdBinary = findBinary('epmd')
  const ports: Ports = { amqp: await freePort(), distribution: await freePort(), epmd: await freePort() }
  const dir = makeTempDir('rabbitmq')
  const logFile = join(dir, 'log', 'console.log')
  writeConfig(dir, ports)
  const env = nodeEnvironment(dir, ports)
  let epmd: BoundChild | undefined
  return runServer({
    name: 'rabbitmq',
    url: `amqp://${USER}:${PASSWORD}@127.0.0.1:${ports.amqp}/%2F`,
    port: ports.amqp,
    dir,
    logFile,
    haltSignal: 'SIGTERM',
    stopSignal: 'SIGKILL',
    launch: async () => {
      // Ours runs first: a node that finds no port mapper starts one as a daemon and leaves it behind.
      epmd = await startPortMapper(epmdBinary, ports.epmd)
      const log = openSync(logFile, 'a')
      try {
        return await spawnBound(server, [], { cwd: dir, env, stdio: ['ignore', log, log] })
      } finally {
        closeSync(log)
      }
    },
    // Any client's first bytes; a node that serves answers with the method frame Connection.Start.
    isReady: async () => (await firstAnswer(ports.amqp, 'AMQP\0\0\x09\x01'))?.[0] === 1,
    afterEnd: async () => {
      await epmd?.end('SIGKILL', 5000)
      epmd = undefined
    },
  })
}

async function startPortMapper(binary: string, port: number): Promise<BoundChild> {
  const child = await spawnBound(binary, ['-port', String(port), '-address', '127.0.0.1'], {
    cwd: '/',
    stdio: 'ignore',
  })
  await waitFor(() => isListening(port), { what: `epmd does not listen on port ${port}`, timeoutMs: 10_000 })
  return child
}

function writeConfig(dir: string, ports: Ports): void {
  for (const name of ['home', 'mnesia', 'log', 'conf.d']) mkdirSync(join(dir, name))
  writeFileSync(join(dir, 'env.conf'), '')
  writeFileSync(join(dir, 'enabled_plugins'), '[].\n')
  const settings = {
    'listeners.tcp.default': `127.0.0.1:${ports.amqp}`,
    default_user: USER,
    default_pass: PASSWORD,
    'default_user_tags.administrator': 'true',
    'default_permissions.configure': '.*',
    'default_permissions.read': '.*',
    'default_permissions.write': '.*',
    'disk_free_limit.absolute': '100MB',
    'vm_memory_high_watermark.absolute': '1GB',
    'log.console': 'true',
    'log.console.level': 'warning',
    'log.console.formatter': 'plaintext',
    'log.file': 'false',
  }
  const lines = Object.entries(settings).map(([key, value]) => `${key} = ${value}\n`)
  writeFileSync(join(dir, 'rabbitmq.conf'), lines.join(''))
}

function nodeEnvironment(dir: string, ports: Ports): Record<string, string> {
  return cleanEnv({
    HOME: join(dir, 'home'),
    ERL_EPMD_PORT: String(ports.epmd),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_NODENAME: `glance${ports.amqp}@localhost`,
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: String(ports.amqp),
    RABBITMQ_DIST_PORT: String(ports.distribution),
    RABBITMQ_MNESIA_BASE: join(dir, 'mnesia'),
    RABBITMQ_LOG_BASE: join(dir, 'log'),
    RABBITMQ_PID_FILE: join(dir, 'rabbitmq.pid'),
    RABBITMQ_CONF_ENV_FILE: join(dir, 'env.conf'),
    RABBITMQ_CONFIG_FILE: join(dir, 'rabbitmq'),
    RABBITMQ_CONFIG_FILES: join(dir, 'conf.d'),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(dir, 'advanced'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(dir, 'enabled_plugins'),
    // No busy waiting of the Erlang schedulers: tests share few cores. One crash dump less to leave behind.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
      '+sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}',
    ERL_CRASH_DUMP_BYTES: '0',
    // The start script then becomes the Erlang VM instead of waiting for it as a child: one pid, and it dies with us.
    RUNNING_UNDER_SYSTEMD: 'true',
  })
}
