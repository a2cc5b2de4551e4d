import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { buildApi } from '@glance/api/app'
import { openDownloads } from '@glance/api/bytes/downloads'
import { memoryUploadSource, openUploads } from '@glance/api/bytes/uploads'
import { apiConfig } from '@glance/api/config'
import type { Identity } from '@glance/api/identity/identity'
import { buildRegistry } from '@glance/registry/app'
import { registrySettings } from '@glance/registry/config'
import { type Database, openDatabase } from '@glance/registry/db/client'
import { openPolicy } from '@glance/registry/policy/enforce'
import { typedClient } from '@glance/shared/bus/client'
import { type MemoryBus, openMemoryBus } from '@glance/shared/bus/memory'
import type { RpcHandler } from '@glance/shared/bus/types'
import { loadConfig } from '@glance/shared/config/load'
import { MEMORY_ADDRESS } from '@glance/shared/contracts/bytes'
import { REGISTRY_QUEUE, registryRpc } from '@glance/shared/contracts/registry-rpc'
import { storeQueue, storeRpc } from '@glance/shared/contracts/store-rpc'
import { silentLog } from '@glance/shared/log/silent'
import { buildStoreWorker } from '@glance/store-worker/app'
import { openReads } from '@glance/store-worker/bytes/reads'
import { workerSettings } from '@glance/store-worker/config'
import type { StoreDriver } from '@glance/store-worker/drivers/driver'
import { openMemoryStore } from '@glance/store-worker/drivers/memory'
import { makeTempDir, removeDir } from './temp-dir.ts'

export interface HouseOptions {
  /** Stores by id, the first being the default one. */
  readonly stores?: ReadonlyMap<string, StoreDriver>
  /** No worker at all. */
  readonly isWorkerless?: boolean
  readonly settings?: Record<string, string | number>
  /** Stands between the callers and the registry. */
  readonly aroundRegistry?: (inner: RpcHandler) => RpcHandler
}

/** Api, registry and store worker in this process, over the bus in memory, a real database and stores in memory. */
export interface House {
  readonly url: string
  readonly database: Database
  readonly stores: ReadonlyMap<string, StoreDriver>
  readonly bus: MemoryBus
  close(): Promise<void>
}

/** Callers by token: `PROJECT:ROLE,ROLE`; whoever names no roles is a member. */
const identity: Identity = {
  authenticate: async (headers) => {
    const [projectId, roles = 'member,reader'] = String(headers['x-auth-token'] ?? '').split(':')
    if (projectId === undefined || projectId === '') return undefined
    return { userId: `u-${projectId}`, projectId, roles: roles.split(','), serviceRoles: [], readOnly: false }
  },
}

/** Opens a house on a free port. */
export async function openHouse(options: HouseOptions = {}): Promise<House> {
  const folder = await makeTempDir('house')
  const stores = options.stores ?? new Map([['main', openMemoryStore()]])
  const ids = [...stores.keys()]
  const config = loadConfig({
    usualFiles: false,
    env: {},
    defaults: {
      DEFAULT: {
        enabled_backends: ids.map((id) => `${id}:file`).join(','),
        transfer_lease: 60,
        ...options.settings,
      },
      glance_store: { default_backend: ids[0] ?? '' },
      ...Object.fromEntries(ids.map((id) => [id, { filesystem_store_datadir: join(folder, id) }])),
    },
  })
  const bus = openMemoryBus()
  const around = options.aroundRegistry ?? ((inner) => inner)
  const database = await openDatabase({ provider: 'sqlite', file: join(folder, 'glance.sqlite') })
  const registryServer = {
    ...bus.rpcServer,
    serve: (queue: string, handler: RpcHandler) => bus.rpcServer.serve(queue, around(handler)),
  }
  const app = buildRegistry({
    database,
    rpcServer: registryServer,
    jobQueue: bus.jobQueue,
    policy: openPolicy({}),
    settings: { ...registrySettings(config), sweepIntervalMs: 50, relayIntervalMs: 50 },
    log: silentLog,
    isQueueInProcess: true,
  })
  await app.start()
  const timeoutMs = 10_000
  const registry = typedClient(registryRpc, { client: bus.rpcClient, queue: REGISTRY_QUEUE, timeoutMs })
  const uploads = openUploads(() => MEMORY_ADDRESS)
  const reads = openReads()
  const worker = buildStoreWorker({
    stores: { drivers: stores, unavailable: () => new Map(), close: async () => undefined },
    registry,
    rpcServer: bus.rpcServer,
    jobConsumer: bus.openConsumer(),
    uploads: memoryUploadSource(uploads),
    reads,
    address: () => MEMORY_ADDRESS,
    holder: `worker-${randomUUID()}`,
    settings: { ...workerSettings(config), graceMs: 500 },
    log: silentLog,
  })
  if (options.isWorkerless !== true) await worker.start()
  const storeClients = (id: string) =>
    typedClient(storeRpc, { client: bus.rpcClient, queue: storeQueue(id), timeoutMs })
  const api = buildApi({
    registry,
    stores: storeClients,
    identity,
    uploads,
    downloads: openDownloads({
      stores: storeClients,
      source: { open: ({ ticket }, reading) => reads.take(ticket, reading) },
    }),
    config: apiConfig(config),
    log: silentLog,
    health: async () => ({ healthy: true, reasons: ['OK'] }),
  })
  const url = await api.listen({ host: '127.0.0.1', port: 0 })
  return {
    url,
    database,
    stores,
    bus,
    close: async () => {
      api.server.closeAllConnections()
      await api.close()
      if (options.isWorkerless !== true) await worker.stop()
      await app.stop()
      await database.close()
      await removeDir(folder)
    },
  }
}
