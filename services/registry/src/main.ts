import { openAmqpRpc } from '@glance/shared/bus/amqp'
import { openBullQueue } from '@glance/shared/bus/bullmq'
import type { Config } from '@glance/shared/config/config'
import { loadConfig } from '@glance/shared/config/load'
import { amqpUrls } from '@glance/shared/config/transport-url'
import { type Lifecycle, runUntilSignal } from '@glance/shared/lifecycle'
import { type Log, logOptions, openLog } from '@glance/shared/log'
import { buildRegistry } from './app.ts'
import { databaseOptions, loadPolicy, registrySettings } from './config.ts'
import { openDatabase } from './db/client.ts'

/**
 * Runs `glance-registry` until SIGTERM or SIGINT.
 * @returns the exit code
 * @throws ConfigError and other Errors about what an operator has to put right
 */
export async function main(argv: readonly string[]): Promise<number> {
  const config = loadConfig({ argv })
  const { log, reopen, close } = openLog(logOptions('glance_registry', config.DEFAULT))
  for (const warning of config.warnings) log.warn(warning)
  try {
    return await runUntilSignal((life) => compose(life, config, log), { log, onHangup: reopen })
  } finally {
    await close()
  }
}

async function compose(life: Lifecycle, config: Config, log: Log): Promise<void> {
  const { connection } = config.database
  const { transport_url: transport } = config.DEFAULT
  if (connection === undefined) throw new Error('[database] connection is not set')
  const policy = loadPolicy(config)
  const database = await life.start('database', {
    start: () => openDatabase(connection, databaseOptions(config, log)),
    stop: (part) => part.close(),
    health: (part) => part.ping(),
  })
  const jobQueue = await life.start('job queue', {
    start: () => openBullQueue({ redisUrl: config.jobs.redis_url, prefix: config.jobs.prefix, log }),
    stop: (part) => part.close(),
  })
  const amqp = await life.start('message broker', {
    start: () =>
      openAmqpRpc({
        urls: amqpUrls(transport, transport.tls || config.oslo_messaging_rabbit.ssl),
        prefetch: config.rpc.prefetch,
        log,
      }),
    stop: (part) => part.close(),
  })
  const settings = registrySettings(config)
  const registry = await life.start('registry', {
    start: () => buildRegistry({ database, rpcServer: amqp.server, jobQueue, policy, settings, log }),
    stop: (part) => part.stop(),
    health: (part) => part.health(),
  })
  await life.start('calls', {
    start: (signal) => registry.start(signal),
    stop: () => amqp.server.close(),
  })
  log.info('serving')
}
