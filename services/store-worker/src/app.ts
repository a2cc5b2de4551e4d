import { type TypedClient, typedHandler } from '@glance/shared/bus/client'
import { jobHandler } from '@glance/shared/bus/run-job'
import type { JobConsumer, RpcServer } from '@glance/shared/bus/types'
import type { UploadSource } from '@glance/shared/contracts/bytes'
import { jobQueueName } from '@glance/shared/contracts/jobs'
import type { RegistryRpc } from '@glance/shared/contracts/registry-rpc'
import { storeQueue, storeRpc } from '@glance/shared/contracts/store-rpc'
import { GlanceError } from '@glance/shared/errors/error'
import type { Log } from '@glance/shared/log'
import type { Reads } from './bytes/reads.ts'
import type { OpenStores } from './drivers/stores.ts'
import type { InspectionPolicy } from './inspect/inspector.ts'
import { workerJobs } from './jobs/index.ts'
import { type Reconciler, startReconciler } from './reconcile/reconciler.ts'
import { storeHandlers } from './rpc/open-read.ts'
import { openBlockPool } from './transfer/blocks.ts'
import { openDigestPool } from './transfer/digest.ts'

/** Plain values a store worker is run with. */
export interface WorkerSettings {
  /** Jobs of one store at the same time. */
  readonly concurrency: number
  /** Threads for digests; 0 fits them to the processors. */
  readonly hashThreads: number
  /** Algorithm of os_hash_value, as the configuration names it. */
  readonly hashAlgo: string
  readonly inspection: InspectionPolicy
  /** Pause between two comparisons of stores and registry, in ms. */
  readonly reconcileEveryMs: number
  /** Age below which bytes that nobody knows are left alone, in ms. */
  readonly orphanAgeMs: number
  /** How long jobs in hand may go on when the worker stops, in ms. */
  readonly graceMs: number
}

/** What a worker works with and does not own: whoever opened a part closes it, after `stop`. */
export interface WorkerParts {
  readonly stores: OpenStores
  readonly registry: TypedClient<RegistryRpc>
  readonly rpcServer: RpcServer
  readonly jobConsumer: JobConsumer
  readonly uploads: UploadSource
  readonly reads: Reads
  /** Where this worker's byte plane is reached. */
  readonly address: () => string
  /** Names this process in leases. */
  readonly holder: string
  readonly settings: WorkerSettings
  readonly log: Log
}

export interface StoreWorker {
  start(): Promise<void>
  /** Takes no new job, finishes those in hand within the grace, then ends. */
  stop(): Promise<void>
  /** Throws StoreUnavailable naming the stores that are not open. */
  health(): Promise<void>
}

/** A store worker: the jobs, the reads and the reconciler of the stores it was given. */
export function buildStoreWorker(parts: WorkerParts): StoreWorker {
  const { stores, registry, rpcServer, jobConsumer, reads, address, settings, log } = parts
  const blocks = openBlockPool()
  const digests = openDigestPool({ threads: settings.hashThreads, blocks })
  const { hashAlgo, inspection } = settings
  const transfers = { registry, holder: parts.holder, blocks, digests, hashAlgo, inspection }
  const functions = workerJobs({ stores: stores.drivers, registry, uploads: parts.uploads, transfers })
  const handler = jobHandler(functions, { registry, log })
  let reconciler: Reconciler | undefined

  return {
    start: async () => {
      for (const [id, driver] of stores.drivers) {
        await rpcServer.serve(storeQueue(id), typedHandler(storeRpc, storeHandlers({ driver, reads, address })))
        await jobConsumer.consume(jobQueueName(id), { concurrency: settings.concurrency, handler })
      }
      const { reconcileEveryMs: everyMs, orphanAgeMs: olderThanMs } = settings
      reconciler = startReconciler({ stores: stores.drivers, registry, everyMs, olderThanMs, log })
    },
    stop: async () => {
      await reconciler?.stop()
      await jobConsumer.close(settings.graceMs)
      await digests.close()
    },
    health: async () => {
      const away = [...stores.unavailable()].map(([id, why]) => `${id}: ${why}`)
      if (away.length > 0) throw new GlanceError('StoreUnavailable', away.join('; '))
    },
  }
}
