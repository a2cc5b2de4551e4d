import { randomBytes, randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { typedClient } from '@glance/shared/bus/client'
import { openMemoryBus } from '@glance/shared/bus/memory'
import type { RpcCall } from '@glance/shared/bus/types'
import { serviceContext } from '@glance/shared/context'
import { MEMORY_ADDRESS, type UploadOutcome } from '@glance/shared/contracts/bytes'
import { jobQueueName } from '@glance/shared/contracts/jobs'
import { REGISTRY_QUEUE, registryRpc } from '@glance/shared/contracts/registry-rpc'
import { storeQueue, storeRpc } from '@glance/shared/contracts/store-rpc'
import { GlanceError } from '@glance/shared/errors/error'
import { silentLog } from '@glance/shared/log/silent'
import { describe, expect, it } from 'vitest'
import { buildStoreWorker } from './app.ts'
import { openReads } from './bytes/reads.ts'
import { openMemoryStore } from './drivers/memory.ts'
import { type FakeRegistry, openFakeRegistry } from './testing/fake-registry.ts'
import { until } from './testing/wait.ts'

const CONTENT = randomBytes(300_000)
const context = serviceContext('req-1')

/** A worker on a bus of its own, with a registry that knows nothing. */
async function openWorker() {
  const bus = openMemoryBus()
  const fake = openFakeRegistry()
  await bus.rpcServer.serve(REGISTRY_QUEUE, async ({ method, context: by, input }: RpcCall) => {
    if (method === 'listLocations') return { locations: [] }
    return fake[method as keyof Pick<FakeRegistry, 'finishJob'>](by, input as never)
  })
  const reads = openReads()
  const outcomes: UploadOutcome[] = []
  const unavailable = new Map<string, string>()
  const drivers = new Map([['main', openMemoryStore()]])
  const inspection = { requireMatch: true, vmdkAllowedTypes: [], gptSafetyChecksNonfatal: [] }
  const worker = buildStoreWorker({
    stores: { drivers, unavailable: () => unavailable, close: async () => undefined },
    registry: typedClient(registryRpc, { client: bus.rpcClient, queue: REGISTRY_QUEUE, timeoutMs: 1_000 }),
    rpcServer: bus.rpcServer,
    jobConsumer: bus.openConsumer(),
    uploads: {
      open: async () => ({
        bytes: Readable.from([CONTENT]),
        signal: new AbortController().signal,
        report: async (outcome) => void outcomes.push(outcome),
      }),
    },
    reads,
    address: () => MEMORY_ADDRESS,
    holder: 'worker-1',
    settings: {
      concurrency: 2,
      hashThreads: 0,
      hashAlgo: 'sha512',
      inspection,
      reconcileEveryMs: 60_000,
      orphanAgeMs: 120_000,
      graceMs: 1_000,
    },
    log: silentLog,
  })
  return { worker, bus, fake, reads, outcomes, unavailable }
}

describe('a store worker', () => {
  it("does its store's jobs and serves its reads", async () => {
    const { worker, bus, fake, reads, outcomes } = await openWorker()
    await worker.start()
    const imageId = randomUUID()
    const queue = jobQueueName('main')
    const upload = {
      transferId: 't',
      imageId,
      store: 'main',
      source: { address: MEMORY_ADDRESS, ticket: 'x' },
      sizeLimit: 1_000_000,
      diskFormat: 'raw',
      containerFormat: 'bare',
    }
    await bus.jobQueue.add({ id: 'job-1', name: 'upload', queue, payload: upload, requestId: 'req-1' })
    await until(() => fake.finished.includes('job-1'))
    expect(outcomes).toEqual([{ ok: true }])
    const url = fake.completed?.url ?? ''

    const store = typedClient(storeRpc, { client: bus.rpcClient, queue: storeQueue('main'), timeoutMs: 1_000 })
    const { source, size } = await store.openRead(context, { imageId, url })
    expect(size).toBe(CONTENT.length)
    const { bytes } = await reads.take(source.ticket, { signal: new AbortController().signal })
    expect(Buffer.concat(await bytes.toArray()).equals(CONTENT)).toBe(true)

    const remove = { imageId, store: 'main', url }
    await bus.jobQueue.add({ id: 'job-2', name: 'delete', queue, payload: remove, requestId: 'req-1' })
    await until(() => fake.finished.includes('job-2'))
    await expect(store.openRead(context, { imageId, url })).rejects.toMatchObject({ code: 'StoreObjectNotFound' })
    await worker.stop()
  })

  it('is unwell while a store is not open', async () => {
    const { worker, unavailable } = await openWorker()
    await worker.start()
    await expect(worker.health()).resolves.toBeUndefined()
    unavailable.set('main', 'no answer')
    await expect(worker.health()).rejects.toThrow(GlanceError)
    await worker.stop()
  })
})
