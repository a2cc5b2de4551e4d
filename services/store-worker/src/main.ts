import { hostname } from 'node:os'
import { openAmqpRpc } from '@glance/shared/bus/amqp'
import { openBullConsumer } from '@glance/shared/bus/bullmq'
import { typedClient } from '@glance/shared/bus/client'
import { bindListener, closeListener } from '@glance/shared/bytes/listener'
import type { Config } from '@glance/shared/config/config'
import { loadConfig } from '@glance/shared/config/load'
import { amqpUrls } from '@glance/shared/config/transport-url'
import { REGISTRY_QUEUE, registryRpc } from '@glance/shared/contracts/registry-rpc'
import { type Lifecycle, runUntilSignal } from '@glance/shared/lifecycle'
import { type Log, logOptions, openLog } from '@glance/shared/log'
import { buildStoreWorker } from './app.ts'
import { openReads, type Reads } from './bytes/reads.ts'
import { createDownloadServer } from './bytes/server.ts'
import { workerSettings } from './config.ts'
import { openStores } from './drivers/stores.ts'
import { openUploadSource } from './sources/body.ts'

/**
 * Runs `glance-store-worker` until SIGTERM or SIGINT.
 * @returns the exit code
 * @throws ConfigError and other Errors about what an operator has to put right
 */
export async function main(argv: readonly string[]): Promise<number> {
  const config = loadConfig({ argv })
  const { log, reopen, close } = openLog(logOptions('glance_store_worker', config.DEFAULT))
  for (const warning of config.warnings) log.warn(warning)
  try {
    return await runUntilSignal((life) => compose(life, config, log), { log, onHangup: reopen })
  } finally {
    await close()
  }
}

async function compose(life: Lifecycle, config: Config, log: Log): Promise<void> {
  const { worker, rpc, jobs, DEFAULT, oslo_messaging_rabbit: rabbit } = config
  const settings = workerSettings(config)
  const stores = await life.start('stores', {
    start: () => openStores(config.stores, { log, ...(worker.stores.length > 0 && { only: worker.stores }) }),
    stop: (part) => part.close(),
  })
  const urls = amqpUrls(DEFAULT.transport_url, rabbit.ssl || DEFAULT.transport_url.tls)
  const amqp = await life.start('message broker', {
    start: () => openAmqpRpc({ urls, prefetch: rpc.prefetch, log }),
    stop: (part) => part.close(),
  })
  const jobConsumer = await life.start('job queue', {
    // Whatever a worker leaves behind is taken up within a lease.
    start: () => {
      const silenceMs = DEFAULT.transfer_lease * 500
      return openBullConsumer({ redisUrl: jobs.redis_url, prefix: jobs.prefix, silenceMs, log })
    },
    stop: (part) => part.close(0),
  })
  const plane = await life.start('byte plane', {
    start: () => openBytePlane(config, log),
    stop: (part) => closeListener(part.server),
  })
  const app = buildStoreWorker({
    stores,
    registry: typedClient(registryRpc, { client: amqp.client, queue: REGISTRY_QUEUE, timeoutMs: rpc.timeout * 1000 }),
    rpcServer: amqp.server,
    jobConsumer,
    uploads: openUploadSource(),
    reads: plane.reads,
    address: () => plane.address,
    holder: `${hostname()}:${process.pid}`,
    settings,
    log,
  })
  await life.start('worker', {
    start: () => app.start(),
    stop: () => Promise.all([app.stop(), amqp.server.close()]),
    stopWithin: settings.graceMs + 10_000,
    health: () => app.health(),
  })
  log.info({ stores: [...stores.drivers.keys()], address: plane.address }, 'serving')
}

/** Opens the listener that reads are fetched from. */
async function openBytePlane(
  { worker }: Config,
  log: Log,
): Promise<{ server: ReturnType<typeof createDownloadServer>; reads: Reads; address: string }> {
  const reads = openReads()
  const server = createDownloadServer({ reads, log })
  const address = await bindListener(server, {
    host: worker.bytes_host,
    port: worker.bytes_port,
    advertise: worker.bytes_advertise,
  })
  return { server, reads, address }
}
