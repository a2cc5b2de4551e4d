import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Accounts, clientEnv, issueToken, writeAccounts } from './accounts.ts'
import { cleanEnv } from './child.ts'
import type { Deployment, DeploymentFacts, Kind, Servers } from './deployment.ts'
import { planStores, type StorePlan, type StoreSetting } from './deployment-stores.ts'
import { GlanceHttp } from './glance-http.ts'
import { assertNothingLeft } from './leaks.ts'
import { START_STANDALONE } from './plain-standalone.ts'
import { freePort } from './ports.ts'
import { startMariadb } from './servers/mariadb.ts'
import { startPostgres } from './servers/postgres.ts'
import { startRabbitmq } from './servers/rabbitmq.ts'
import { startRedis } from './servers/redis.ts'
import { type PrivateMount, ROOT, type Role, type ServiceProcess, serviceProcess } from './service-process.ts'
import { makeTempDir, removeDir } from './temp-dir.ts'
import { waitFor } from './wait.ts'

const run = promisify(execFile)

const SCRIPTS = {
  api: 'services/api/bin/glance-api.mjs',
  registry: 'services/registry/bin/glance-registry.mjs',
  worker: 'services/store-worker/bin/glance-store-worker.mjs',
  manage: 'services/registry/bin/glance-manage.mjs',
} as const

interface CommonOptions {
  /** Lines added at the end of the configuration; a section may come again. */
  readonly config?: string
  /** Named stores, the first of them the default. One store without a name when absent. */
  readonly stores?: readonly StorePlan[]
}

export interface StandaloneOptions extends CommonOptions {
  /** Data directory to use, kept by `stop`; a temporary one when absent. */
  readonly dataDir?: string
}

export interface DistributedOptions extends CommonOptions {
  /** Number of processes of each kind; 1 when absent. */
  readonly apis?: number
  readonly registries?: number
  readonly workers?: number
  /** MariaDB when absent. */
  readonly database?: 'mariadb' | 'postgres'
  /** Servers to use, kept by `stop`; own ones when absent. */
  readonly servers?: Servers
}

/**
 * Starts the whole service as one process, as `npm start` runs it once everything is built, with accounts of the test's
 * own in place of the first user.
 * @throws Error with the end of its log when it does not serve
 */
export async function startStandalone(options: StandaloneOptions = {}): Promise<Deployment> {
  const dir = makeTempDir('standalone')
  const dataDir = options.dataDir ?? join(dir, 'data')
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const accounts = await writeAccounts(join(dataDir, 'users.yaml'))
  const stores = planStores(options.stores, { dir, single: join(dataDir, 'images') })
  const configFile = join(dir, 'glance-api.conf')
  writeFileSync(configFile, [...(options.stores === undefined ? [] : stores.config), options.config ?? ''].join('\n'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const server = serviceProcess({
    role: 'standalone',
    name: 'standalone-1',
    args: [...START_STANDALONE, '--port', String(port), '--data-dir', dataDir, '--config-file', configFile],
    env: {},
    logFile: join(dir, 'standalone-1.log'),
    mounts: stores.mounts,
    isReady: () => answers(url),
  })
  const setting = { kind: 'standalone', dir, accounts, stores, urls: [url], workerBytesUrls: [] } as const
  const databaseUrl = `sqlite://${join(dataDir, 'glance.sqlite')}`
  return begin({ ...setting, databaseUrl, processes: [server], servers: undefined, close: async () => undefined })
}

/**
 * Starts RabbitMQ, Redis and a database, prepares that, and starts the services as processes of their own. All read
 * one configuration file; ports are given to each by its environment.
 * @throws Error with the end of a log when one of them does not serve
 */
export async function startDistributed(options: DistributedOptions = {}): Promise<Deployment> {
  const dir = makeTempDir('distributed')
  const servers = options.servers ?? (await startServers(options.database ?? 'mariadb'))
  const close = async (): Promise<void> => {
    if (options.servers !== undefined) return
    await Promise.all([servers.rabbitmq, servers.redis, servers.database].map((server) => server.stop()))
  }
  try {
    const usersFile = join(dir, 'users.yaml')
    const accounts = await writeAccounts(usersFile)
    const stores = planStores(options.stores, { dir, single: join(dir, 'images') })
    const configFile = join(dir, 'glance-api.conf')
    const config = [...baseConfig(servers, usersFile, dir), ...stores.config, options.config ?? '']
    writeFileSync(configFile, config.join('\n'), { mode: 0o600 })
    const manage = [join(ROOT, SCRIPTS.manage), '--config-file', configFile, 'db-sync']
    await run(process.execPath, manage, { env: cleanEnv() })
    const plan = await planProcesses({ dir, configFile, mounts: stores.mounts, options })
    const databaseUrl = servers.database.url
    return await begin({ kind: 'distributed', dir, accounts, stores, servers, close, databaseUrl, ...plan })
  } catch (error) {
    await close()
    removeDir(dir)
    throw error
  }
}

/** Starts the three servers a distributed deployment needs, all at the same time. */
export async function startServers(database: 'mariadb' | 'postgres'): Promise<Servers> {
  const started = await Promise.allSettled([
    startRabbitmq(),
    startRedis(),
    database === 'mariadb' ? startMariadb() : startPostgres(),
  ])
  const [rabbitmq, redis, base] = started
  if (rabbitmq.status === 'fulfilled' && redis.status === 'fulfilled' && base.status === 'fulfilled') {
    return { rabbitmq: rabbitmq.value, redis: redis.value, database: base.value }
  }
  await Promise.all(started.map((each) => (each.status === 'fulfilled' ? each.value.stop() : undefined)))
  throw started.find((each) => each.status === 'rejected')?.reason
}

function baseConfig(servers: Servers, usersFile: string, dir: string): string[] {
  const transport = servers.rabbitmq.url.replace(/^amqp:/, 'rabbit:').replace(/%2F$/, '/')
  return [
    '[DEFAULT]',
    'auth_strategy = standalone',
    `transport_url = ${transport}`,
    `data_dir = ${dir}`,
    '[database]',
    `connection = ${servers.database.url}`,
    '[jobs]',
    `redis_url = ${servers.redis.url}`,
    '[standalone]',
    `users_file = ${usersFile}`,
  ]
}

interface ProcessPlan {
  readonly dir: string
  readonly configFile: string
  readonly mounts: readonly PrivateMount[]
  readonly options: DistributedOptions
}

async function planProcesses({ dir, configFile, mounts, options }: ProcessPlan): Promise<{
  readonly processes: ServiceProcess[]
  readonly urls: string[]
  readonly workerBytesUrls: string[]
}> {
  const urls: string[] = []
  const workerBytesUrls: string[] = []
  const plan = (role: Exclude<Role, 'standalone'>, number: number, env: Record<string, string>): ServiceProcess => {
    const name = `${role}-${number}`
    const common = { role, name, args: [join(ROOT, SCRIPTS[role]), '--config-file', configFile], env }
    const url = role === 'api' ? urls[number - 1] : undefined
    return serviceProcess({
      ...common,
      logFile: join(dir, `${name}.log`),
      ...(role === 'worker' ? { mounts } : {}),
      ...(url === undefined ? {} : { isReady: () => answers(url) }),
    })
  }
  const processes: ServiceProcess[] = []
  for (let number = 1; number <= (options.registries ?? 1); number++) processes.push(plan('registry', number, {}))
  for (let number = 1; number <= (options.workers ?? 1); number++) {
    const port = await freePort()
    workerBytesUrls.push(`http://127.0.0.1:${port}`)
    processes.push(plan('worker', number, { OS_WORKER__BYTES_PORT: String(port) }))
  }
  for (let number = 1; number <= (options.apis ?? 1); number++) {
    const [port, bytesPort] = [await freePort(), await freePort()]
    urls.push(`http://127.0.0.1:${port}`)
    processes.push(plan('api', number, { OS_DEFAULT__BIND_PORT: String(port), OS_API__BYTES_PORT: String(bytesPort) }))
  }
  return { processes, urls, workerBytesUrls }
}

interface Setting {
  readonly kind: Kind
  readonly dir: string
  readonly accounts: Accounts
  readonly stores: StoreSetting
  readonly urls: readonly string[]
  readonly workerBytesUrls: readonly string[]
  readonly databaseUrl: string
  readonly processes: readonly ServiceProcess[]
  readonly servers: Servers | undefined
  /** Ends what the deployment started besides its processes. */
  readonly close: () => Promise<void>
}

async function begin(setting: Setting): Promise<Deployment> {
  const deployment = describe(setting)
  try {
    await Promise.all(setting.processes.map((each) => each.start()))
    await deployment.untilServing()
  } catch (error) {
    await deployment.stop()
    throw error
  }
  return deployment
}

function describe(setting: Setting): Deployment {
  const { accounts, urls, stores, processes, databaseUrl, kind, dir, servers, workerBytesUrls } = setting
  const url = urls[0] ?? ''
  const untilServing = async (timeoutMs = 60_000): Promise<void> => {
    const apis = processes.filter(({ role }) => role === 'api' || role === 'standalone')
    const running = urls.filter((_url, index) => apis[index]?.isRunning() === true)
    await Promise.all(running.map((each) => untilListing(each, accounts, timeoutMs)))
  }
  return {
    get facts(): DeploymentFacts {
      const places = processes.map((each) => [each.name, { pid: each.pid(), logFile: each.logFile }] as const)
      const where = { storeDirs: stores.dirs, storeDir: stores.first, databaseUrl, dir, workerBytesUrls }
      return { kind, urls, url, accounts, ...where, processes: Object.fromEntries(places) }
    },
    url,
    storeDir: stores.first,
    databaseUrl,
    servers,
    env: (name = 'admin') => clientEnv(url, accounts[name]),
    token: (name = 'admin') => issueToken(url, accounts[name]),
    as: async (name, at = url) => new GlanceHttp(at, await issueToken(at, accounts[name])),
    processes: (...roles) => processes.filter(({ role }) => roles.length === 0 || roles.includes(role)),
    untilServing,
    stop: async () => {
      await Promise.all(processes.map((each) => each.stop()))
      await setting.close()
      removeDir(dir)
      await assertNothingLeft(dir)
    },
  }
}

/** Whether a log-in and a list, and so api, registry and database, work at this api. */
async function untilListing(url: string, accounts: Accounts, timeoutMs: number): Promise<void> {
  let last: unknown
  const check = async (): Promise<boolean> => {
    try {
      await new GlanceHttp(url, await issueToken(url, accounts.admin)).list('?limit=1')
      return true
    } catch (error) {
      last = error
      return false
    }
  }
  try {
    await waitFor(check, { what: `${url} lists no images`, timeoutMs, everyMs: 100 })
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}: ${last instanceof Error ? last.message : last}`)
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/versions`, { signal: AbortSignal.timeout(2000) })
    await response.body?.cancel()
    return response.status < 500
  } catch {
    return false
  }
}
