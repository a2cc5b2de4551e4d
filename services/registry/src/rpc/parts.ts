import type { JobQueue } from '@glance/shared/bus/types'
import type { Log } from '@glance/shared/log'
import type { Database } from '../db/client.ts'
import type { ImageLimits } from '../domain/quota.ts'
import type { Policy } from '../policy/enforce.ts'

/** A store as the registry knows it. */
export interface StoreInfo {
  readonly id: string
  /** Higher is read first. */
  readonly weight: number
  readonly isDefault: boolean
}

/** Plain values the registry is run with. */
export interface RegistrySettings {
  readonly limits: ImageLimits
  readonly stores: readonly StoreInfo[]
  /** Bytes of the largest image (`image_size_cap`). */
  readonly imageSizeCap: number
  /** Seconds for which a holder may move bytes before it has to renew. */
  readonly leaseSeconds: number
  /** Seconds a transfer waits for a worker to take it. */
  readonly uploadWaitSeconds: number
  readonly sweepIntervalMs: number
  readonly relayIntervalMs: number
  /** Age at which a job that was published and not finished is published again. */
  readonly republishAfterMs: number
}

/** What the use cases of the registry work with. */
export interface RpcParts extends RegistrySettings {
  readonly database: Database
  readonly jobQueue: JobQueue
  readonly policy: Policy
  readonly log: Log
  /** Tells the relay that a job was committed just now. */
  readonly kick: () => void
  readonly now: () => Date
  readonly newId: () => string
}
