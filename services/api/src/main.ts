import { openAmqpRpc } from '@glance/shared/bus/amqp'
import { type TypedClient, typedClient } from '@glance/shared/bus/client'
import { openHttpDownloads } from '@glance/shared/bytes/http-download'
import { bindListener, closeListener } from '@glance/shared/bytes/listener'
import type { Config } from '@glance/shared/config/config'
import { loadConfig } from '@glance/shared/config/load'
import { amqpUrls } from '@glance/shared/config/transport-url'
import { REGISTRY_QUEUE, registryRpc } from '@glance/shared/contracts/registry-rpc'
import { type StoreRpc, storeQueue, storeRpc } from '@glance/shared/contracts/store-rpc'
import { type Lifecycle, runUntilSignal } from '@glance/shared/lifecycle'
import { type Log, logOptions, openLog } from '@glance/shared/log'
import { buildApi } from './app.ts'
import { openDownloads } from './bytes/downloads.ts'
import { openUploads, type Uploads } from './bytes/uploads.ts'
import { createUploadsServer } from './bytes/uploads-server.ts'
import { apiConfig } from './config.ts'
import { healthOf } from './health.ts'
import { openIdentity } from './identity/provider.ts'
import { closeApi } from './listen.ts'

/**
 * Runs `glance-api` until it is told to stop.
 * @param argv the command line without the program's name
 * @returns the exit code
 * @throws ConfigError listing every fault of the configuration; Error when an address or a file cannot be had
 */
export async function run(argv: readonly string[]): Promise<number> {
  const config = loadConfig({ argv })
  const open = openLog(logOptions('glance_api', config.DEFAULT))
  try {
    for (const warning of config.warnings) open.log.warn(warning)
    return await runUntilSignal((life) => compose(life, config, open.log), { log: open.log, onHangup: open.reopen })
  } finally {
    await open.close()
  }
}

/** Runs the process it is called in: its command line, its standard error, its exit code. */
export async function main(): Promise<void> {
  try {
    process.exitCode = await run(process.argv.slice(2))
  } catch (error) {
    process.stderr.write(`glance-api: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
}

async function compose(life: Lifecycle, config: Config, log: Log): Promise<void> {
  const { rpc } = config
  const amqp = await life.start('message broker', {
    start: () => openAmqpRpc({ urls: brokerUrls(config), prefetch: rpc.prefetch, log }),
    stop: (part) => part.close(),
    health: (part) => requireOk(part.health()),
  })
  const timeoutMs = rpc.timeout * 1000
  const { client } = amqp
  const registry = typedClient(registryRpc, { client, queue: REGISTRY_QUEUE, timeoutMs })
  const stores = perStore((id) => typedClient(storeRpc, { client, queue: storeQueue(id), timeoutMs }))

  const uploads = await life.start('byte plane', {
    start: () => openBytePlane(config, log),
    stop: (part) => closeListener(part.server),
  })
  const identity = await openIdentity(config, { registry, log })
  const app = buildApi({
    registry,
    stores,
    identity,
    uploads: uploads.desk,
    downloads: openDownloads({ stores, source: openHttpDownloads() }),
    config: apiConfig(config),
    log,
    health: () => healthOf(life, config.healthcheck.disable_by_file_path),
  })
  await life.start('REST', {
    start: async () => {
      const address = await app.listen({ host: config.DEFAULT.bind_host, port: config.DEFAULT.bind_port })
      log.info({ address }, 'listening')
    },
    stop: () => closeApi(app),
  })
}

function brokerUrls({ DEFAULT, oslo_messaging_rabbit: rabbit }: Config): readonly string[] {
  return amqpUrls(DEFAULT.transport_url, rabbit.ssl || DEFAULT.transport_url.tls)
}

function requireOk({ ok, detail }: { ok: boolean; detail?: string }): void {
  if (!ok) throw new Error(detail ?? 'cannot be reached')
}

/** One client per store, made when first asked for. */
function perStore(make: (id: string) => TypedClient<StoreRpc>): (id: string) => TypedClient<StoreRpc> {
  const clients = new Map<string, TypedClient<StoreRpc>>()
  return (id) => {
    const known = clients.get(id)
    if (known !== undefined) return known
    const fresh = make(id)
    clients.set(id, fresh)
    return fresh
  }
}

/** Opens the listener that workers pull uploads from. */
async function openBytePlane({ api }: Config, log: Log) {
  let address = ''
  const desk: Uploads = openUploads(() => address)
  const server = createUploadsServer(desk, log)
  address = await bindListener(server, { host: api.bytes_host, port: api.bytes_port, advertise: api.bytes_advertise })
  log.info({ address }, 'workers pull uploads here')
  return { desk, server }
}
