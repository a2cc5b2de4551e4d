import { buildRegistry, type RegistrySettings } from '@glance/registry/app'
import type { Database } from '@glance/registry/db/client'
import { openPolicy } from '@glance/registry/policy/enforce'
import { type TypedClient, typedClient } from '@glance/shared/bus/client'
import { openMemoryBus } from '@glance/shared/bus/memory'
import type { JobQueue } from '@glance/shared/bus/types'
import { REGISTRY_QUEUE, type RegistryRpc, registryRpc } from '@glance/shared/contracts/registry-rpc'
import { silentLog } from '@glance/shared/log/silent'
import { type FreshDatabase, open } from './databases.ts'

/** A registry that serves over the in-process bus, called as the api and the workers call it. */
export interface TestRegistry {
  readonly rpc: TypedClient<RegistryRpc>
  /** The same tables, past every rule. */
  readonly database: Database
  readonly url: string
  /** Ends the registry and its connections, and removes the database unless another registry still needs it. */
  close(): Promise<void>
}

export interface TestRegistryOptions {
  readonly settings?: Partial<RegistrySettings>
  /** Rules over the default policy. */
  readonly policy?: Readonly<Record<string, string>>
  readonly jobQueue?: JobQueue
  readonly isQueueInProcess?: boolean
}

const TIMEOUT_MS = 30_000

/** Nothing happens in the background unless a case asks for it: the intervals are longer than the suite. */
export const SETTINGS: RegistrySettings = {
  limits: { properties: 128, tags: 128, members: 128, locations: 10 },
  stores: [
    { id: 'main', weight: 0, isDefault: true },
    { id: 'fast', weight: 100, isDefault: false },
  ],
  imageSizeCap: 2 ** 40,
  leaseSeconds: 60,
  uploadWaitSeconds: 20,
  sweepIntervalMs: 3_600_000,
  relayIntervalMs: 3_600_000,
  republishAfterMs: 3_600_000,
}

/** Starts a registry on a database. Two on one database share it; close the one that opened it first last. */
export async function openRegistry(fresh: FreshDatabase, options: TestRegistryOptions = {}): Promise<TestRegistry> {
  const bus = openMemoryBus()
  const database = await open(fresh.url)
  const registry = buildRegistry({
    database,
    rpcServer: bus.rpcServer,
    jobQueue: options.jobQueue ?? bus.jobQueue,
    policy: openPolicy({ overrides: options.policy ?? {} }),
    settings: { ...SETTINGS, ...options.settings },
    log: silentLog,
    ...(options.isQueueInProcess === undefined ? {} : { isQueueInProcess: options.isQueueInProcess }),
  })
  await registry.start()
  return {
    rpc: typedClient(registryRpc, { client: bus.rpcClient, queue: REGISTRY_QUEUE, timeoutMs: TIMEOUT_MS }),
    database,
    url: fresh.url,
    close: async () => {
      await bus.rpcServer.close()
      await registry.stop()
      await database.close()
      await fresh.remove()
    },
  }
}
