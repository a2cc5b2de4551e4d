import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { typedHandler } from '@glance/shared/bus/client'
import type { JobQueue, RpcHandler, RpcServer } from '@glance/shared/bus/types'
import { serviceContext } from '@glance/shared/context'
import { REGISTRY_QUEUE, registryRpc } from '@glance/shared/contracts/registry-rpc'
import { isCode, toGlanceError } from '@glance/shared/errors/error'
import type { Log } from '@glance/shared/log'
import type { Database } from './db/client.ts'
import { openRelay, type Relay } from './outbox/relay.ts'
import type { Policy } from './policy/enforce.ts'
import { rpcHandlers } from './rpc/index.ts'
import type { RegistrySettings } from './rpc/parts.ts'
import { openSweep, type Sweep } from './sweep/sweep.ts'

export type { RegistrySettings } from './rpc/parts.ts'

/** What the registry works with and does not own: whoever opened a part closes it, after `stop`. */
export interface RegistryParts {
  readonly database: Database
  readonly rpcServer: RpcServer
  readonly jobQueue: JobQueue
  readonly policy: Policy
  readonly settings: RegistrySettings
  readonly log: Log
  /** True when the job queue lives in this process: all jobs of the outbox then go out again at start. */
  readonly isQueueInProcess?: boolean
}

export interface Registry {
  /**
   * Brings the schema up to date, waiting for the database as long as it takes, then serves.
   * @param signal ends the wait
   */
  start(signal?: AbortSignal): Promise<void>
  /** Ends the background work. Close the RPC server first: it finishes the calls in hand. */
  stop(): Promise<void>
  /** Throws Unavailable when the database does not answer. */
  health(): Promise<void>
}

const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5_000

/** The registry: every use case on the shared queue, the outbox relay and the sweep. */
export function buildRegistry(parts: RegistryParts): Registry {
  const { database, jobQueue, policy, settings, log } = parts
  const relay: Relay = openRelay({
    database,
    jobQueue,
    log,
    intervalMs: settings.relayIntervalMs,
    republishAfterMs: settings.republishAfterMs,
    republishOnStart: parts.isQueueInProcess ?? false,
  })
  const handlers = rpcHandlers({
    ...settings,
    database,
    jobQueue,
    policy,
    log,
    kick: relay.kick,
    now: () => new Date(),
    newId: randomUUID,
  })
  const sweep: Sweep = openSweep({
    database,
    log,
    intervalMs: settings.sweepIntervalMs,
    failTransfer: (transferId, reason) => {
      const context = serviceContext(`req-${randomUUID()}`)
      return handlers.failTransfer({ transferId, reason }, { context, signal: new AbortController().signal })
    },
  })
  return {
    start: async (signal) => {
      await migrateWhenReachable(parts, signal)
      await parts.rpcServer.serve(REGISTRY_QUEUE, logged(typedHandler(registryRpc, handlers), log))
      relay.start()
      sweep.start()
    },
    stop: async () => {
      await sweep.stop()
      await relay.stop()
    },
    health: () => database.ping(),
  }
}

async function migrateWhenReachable({ database, log }: RegistryParts, signal?: AbortSignal): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const applied = await database.migrate()
      if (applied.length > 0) log.info({ migrations: applied }, 'schema brought up to date')
      return
    } catch (thrown) {
      signal?.throwIfAborted()
      if (!isCode(thrown, 'Unavailable')) throw thrown
      if (attempt === 0) log.warn({ err: causeOf(thrown) }, 'the database cannot be reached; waiting for it')
    }
    const delay = Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS)
    await pause(delay, undefined, signal === undefined ? {} : { signal })
  }
}

/** Calls that come all the time and tell an operator nothing. */
const QUIET: ReadonlySet<string> = new Set(['ping', 'holdTransfer', 'findToken'])

/** One line for each use case; what went wrong inside is told here, and only here, with its cause. */
function logged(handler: RpcHandler, log: Log): RpcHandler {
  return async (call, signal) => {
    const began = performance.now()
    const fields = () => ({
      request_id: call.context.requestId,
      project_id: call.context.projectId,
      method: call.method,
      ms: Number((performance.now() - began).toFixed(2)),
    })
    try {
      const result = await handler(call, signal)
      if (QUIET.has(call.method)) log.debug(fields(), 'done')
      else log.info(fields(), 'done')
      return result
    } catch (thrown) {
      const error = toGlanceError(thrown)
      const told = { ...fields(), code: error.code }
      if (error.code === 'Internal') log.error({ ...told, err: causeOf(error) }, error.message)
      else if (error.row.status >= 500) log.warn({ ...told, err: causeOf(error) }, error.message)
      else log.info({ ...told }, error.message)
      throw thrown
    }
  }
}

function causeOf(error: Error): unknown {
  return error.cause ?? error
}
