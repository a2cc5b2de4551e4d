import { buildApi } from '@glance/api/app'
import { openDownloads } from '@glance/api/bytes/downloads'
import { memoryUploadSource, openUploads } from '@glance/api/bytes/uploads'
import { apiConfig } from '@glance/api/config'
import { healthOf } from '@glance/api/health'
import { openIdentity, REGION } from '@glance/api/identity/provider'
import { closeApi } from '@glance/api/listen'
import { buildRegistry } from '@glance/registry/app'
import { databaseOptions, loadPolicy, registrySettings } from '@glance/registry/config'
import { openDatabase } from '@glance/registry/db/client'
import { type TypedClient, typedClient } from '@glance/shared/bus/client'
import { type MemoryBus, openMemoryBus } from '@glance/shared/bus/memory'
import { addressOf } from '@glance/shared/bytes/listener'
import type { Config } from '@glance/shared/config/config'
import { loadConfig } from '@glance/shared/config/load'
import { type DownloadSource, MEMORY_ADDRESS } from '@glance/shared/contracts/bytes'
import { REGISTRY_QUEUE, type RegistryRpc, registryRpc } from '@glance/shared/contracts/registry-rpc'
import { storeQueue, storeRpc } from '@glance/shared/contracts/store-rpc'
import { type Lifecycle, runUntilSignal } from '@glance/shared/lifecycle'
import { logOptions, type OpenLog, openLog } from '@glance/shared/log'
import { buildStoreWorker } from '@glance/store-worker/app'
import { openReads, type Reads } from '@glance/store-worker/bytes/reads'
import { workerSettings } from '@glance/store-worker/config'
import { openStores } from '@glance/store-worker/drivers/stores'
import type { Arguments } from './arguments.ts'
import { type DataDirectory, makeFirstUser, openDataDirectory, refreshOpenrc } from './first-start.ts'

type Logs = Readonly<Record<'api' | 'registry' | 'worker', OpenLog>>

/** The parts of one process, as they are put together. */
interface House {
  readonly life: Lifecycle
  readonly config: Config
  readonly logs: Logs
  readonly bus: MemoryBus
  readonly registry: TypedClient<RegistryRpc>
}

/**
 * Runs api, registry and store worker in this process: in-memory bus, SQLite, filesystem store and built-in identity,
 * all below the data directory, unless an operator's file says otherwise.
 * @returns the exit code
 * @throws ConfigError and other Errors about what has to be put right
 */
export async function runStandalone(
  given: Arguments & { configFiles: readonly string[]; configDirs: readonly string[] },
): Promise<number> {
  const data = await openDataDirectory(given.dataDir)
  const config = configOf(given, data)
  const logs = openLogs(config)
  const reopen = (): void => {
    for (const each of Object.values(logs)) each.reopen()
  }
  for (const warning of config.warnings) logs.api.log.warn(warning)
  try {
    return await runUntilSignal((life) => compose(life, { config, logs, data }), {
      log: logs.api.log,
      onHangup: reopen,
    })
  } finally {
    await Promise.all(Object.values(logs).map((each) => each.close()))
  }
}

function configOf(
  given: Arguments & { configFiles: readonly string[]; configDirs: readonly string[] },
  data: DataDirectory,
): Config {
  const { host, port } = given
  return loadConfig({
    // Without a file the operator named, this server is on its own: /etc/glance is another installation's.
    files: given.configFiles,
    dirs: given.configDirs,
    usualFiles: false,
    overrides: {
      DEFAULT: {
        ...(host === undefined ? {} : { bind_host: host }),
        ...(port === undefined ? {} : { bind_port: port }),
      },
    },
    defaults: {
      DEFAULT: { data_dir: given.dataDir, log_dir: data.logs },
      database: { connection: `sqlite:///${data.database}` },
      glance_store: { filesystem_store_datadir: data.images, stores: ['file'] },
      standalone: { users_file: data.users },
    },
  })
}

function openLogs({ DEFAULT }: Config): Logs {
  const open = (service: string) => openLog({ ...logOptions(service, DEFAULT), stdout: true })
  return { api: open('glance_api'), registry: open('glance_registry'), worker: open('glance_store_worker') }
}

async function compose(
  life: Lifecycle,
  { config, logs, data }: { config: Config; logs: Logs; data: DataDirectory },
): Promise<void> {
  const bus = openMemoryBus()
  const registry = typedClient(registryRpc, {
    client: bus.rpcClient,
    queue: REGISTRY_QUEUE,
    timeoutMs: config.rpc.timeout * 1000,
  })
  const house: House = { life, config, logs, bus, registry }
  const uploads = openUploads(() => MEMORY_ADDRESS)
  const reads = openReads()
  const password = await firstUser(config, data)
  await startRegistry(house)
  await startWorker(house, { uploads: memoryUploadSource(uploads), reads })
  const url = await startApi(house, { uploads, reads })
  await announce(house, data, { url, ...(password === undefined ? {} : { password }) })
}

/** Only the built-in identity over its own users file has a first user. */
async function firstUser(config: Config, data: DataDirectory): Promise<string | undefined> {
  const isOurs = config.DEFAULT.auth_strategy === 'standalone' && config.standalone.users_file === data.users
  return isOurs ? makeFirstUser(data.users) : undefined
}

async function startRegistry({ life, config, logs, bus }: House): Promise<void> {
  const { connection } = config.database
  if (connection === undefined) throw new Error('[database] connection is not set')
  const { log } = logs.registry
  const policy = loadPolicy(config)
  const database = await life.start('database', {
    start: () => openDatabase(connection, databaseOptions(config, log)),
    stop: (part) => part.close(),
    health: (part) => part.ping(),
  })
  const settings = registrySettings(config)
  const parts = {
    database,
    rpcServer: bus.rpcServer,
    jobQueue: bus.jobQueue,
    policy,
    settings,
    log,
    isQueueInProcess: true,
  }
  await life.start('registry', {
    start: async (signal) => {
      const registry = buildRegistry(parts)
      await registry.start(signal)
      return registry
    },
    stop: (part) => part.stop(),
  })
}

async function startWorker(
  { life, config, logs, bus, registry }: House,
  bytes: { uploads: ReturnType<typeof memoryUploadSource>; reads: Reads },
): Promise<void> {
  const { log } = logs.worker
  const stores = await life.start('stores', {
    start: () => openStores(config.stores, { log }),
    stop: (part) => part.close(),
  })
  const settings = workerSettings(config)
  const worker = buildStoreWorker({
    stores,
    registry,
    rpcServer: bus.rpcServer,
    jobConsumer: bus.openConsumer(),
    ...bytes,
    address: () => MEMORY_ADDRESS,
    holder: `standalone:${process.pid}`,
    settings,
    log,
  })
  await life.start('worker', {
    start: () => worker.start(),
    stop: () => worker.stop(),
    stopWithin: settings.graceMs + 10_000,
    health: () => worker.health(),
  })
}

async function startApi(
  { life, config, logs, bus, registry }: House,
  bytes: { uploads: ReturnType<typeof openUploads>; reads: Reads },
): Promise<string> {
  const { log } = logs.api
  const timeoutMs = config.rpc.timeout * 1000
  const stores = (id: string) => typedClient(storeRpc, { client: bus.rpcClient, queue: storeQueue(id), timeoutMs })
  const source: DownloadSource = { open: ({ ticket }, options) => bytes.reads.take(ticket, options) }
  const app = buildApi({
    registry,
    stores,
    identity: await openIdentity(config, { registry, log }),
    uploads: bytes.uploads,
    downloads: openDownloads({ stores, source }),
    config: apiConfig(config),
    log,
    health: () => healthOf(life, config.healthcheck.disable_by_file_path),
  })
  const { bind_host: host, bind_port: port } = config.DEFAULT
  await life.start('REST', { start: () => app.listen({ host, port }), stop: () => closeApi(app) })
  return addressOf(app.server)
}

async function announce(
  { config, logs }: House,
  data: DataDirectory,
  facts: { url: string; password?: string },
): Promise<void> {
  logs.api.log.info({ address: facts.url }, 'listening')
  process.stderr.write(`The image service listens on ${facts.url}\n`)
  if (config.DEFAULT.auth_strategy !== 'standalone') return
  await refreshOpenrc(data.openrc, { ...facts, region: REGION })
  process.stderr.write(`In another shell:  source ${data.openrc}\n`)
}
