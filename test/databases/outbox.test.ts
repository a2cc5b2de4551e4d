import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { openRelay } from '@glance/registry/outbox/relay'
import { openMemoryBus } from '@glance/shared/bus/memory'
import { serviceContext } from '@glance/shared/context'
import { jobQueueName } from '@glance/shared/contracts/jobs'
import { silentLog } from '@glance/shared/log/silent'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { waitFor } from '../support/wait.ts'
import { member } from './callers.ts'
import { DATABASES, type FreshDatabase, open } from './databases.ts'
import { openRecordingQueue, type RecordingQueue } from './recording-queue.ts'
import { openRegistry, type TestRegistry, type TestRegistryOptions } from './registry.ts'
import { seed, seedActive } from './seed.ts'
import { outboxJobs } from './table-rows.ts'

const service = serviceContext('req-worker')

describe.each(DATABASES)('outbox and relay on $name', ({ create }) => {
  let fresh: FreshDatabase
  let jobQueue: RecordingQueue
  const running: TestRegistry[] = []
  beforeAll(async () => {
    fresh = await create()
    return () => fresh.remove()
  })
  beforeEach(() => {
    jobQueue = openRecordingQueue()
  })
  afterEach(async () => {
    for (const registry of running.splice(0)) {
      await registry.database.execute({ text: 'DELETE FROM outbox', values: [] })
      await registry.close()
    }
  })

  const start = async (options: TestRegistryOptions = {}): Promise<TestRegistry> => {
    const registry = await openRegistry({ url: fresh.url, remove: async () => undefined }, { jobQueue, ...options })
    running.push(registry)
    return registry
  }
  /** Deletes images with data one after the other: each puts a job into the outbox. Answers the images' ids. */
  const deleteSome = async ({ rpc, database }: TestRegistry, count: number): Promise<string[]> => {
    const caller = member()
    const images = Array.from({ length: count }, () => seedActive(caller.projectId))
    await seed(database, images)
    for (const { id } of images) await rpc.deleteImage(caller, { imageId: id })
    return images.map(({ id }) => id)
  }
  const deleteOne = async (registry: TestRegistry): Promise<string> => (await deleteSome(registry, 1))[0] ?? ''
  /** Jobs that wait in the outbox with no registry at work, as after a crash. Answers the images' ids. */
  const leaveJobs = async (count: number): Promise<string[]> => {
    const down = openRecordingQueue()
    down.isDown = true
    const registry = await openRegistry({ url: fresh.url, remove: async () => undefined }, { jobQueue: down })
    const ids = await deleteSome(registry, count)
    await registry.close()
    return ids
  }
  const publishedIds = () => jobQueue.added.map(({ payload }) => (payload as { imageId: string }).imageId)
  const untilPublished = (count: number) =>
    waitFor(() => jobQueue.added.length >= count, { what: `${count} jobs; ${jobQueue.added.length} were published` })
  const unpublished = async ({ database }: Pick<TestRegistry, 'database'>) =>
    (await outboxJobs(database)).filter(({ isPublished }) => !isPublished)

  it('a job leaves after its commit without waiting for a round, and its row stays until it is finished', async () => {
    const registry = await start()
    const imageId = await deleteOne(registry)
    await untilPublished(1)
    const [row] = await outboxJobs(registry.database, imageId)
    expect(jobQueue.added).toEqual([
      {
        id: row?.id,
        name: 'delete',
        queue: jobQueueName('main'),
        payload: { imageId, store: 'main', url: `file:///data/${imageId}` },
        requestId: row?.requestId,
      },
    ])
    const isMarked = async () => (await unpublished(registry)).length === 0
    await waitFor(isMarked, { what: 'the row is marked as published' })
    for (const jobId of [row?.id ?? '', row?.id ?? '', randomUUID(), 'no id']) {
      expect(await registry.rpc.finishJob(service, { jobId })).toEqual({})
    }
    expect(await outboxJobs(registry.database)).toEqual([])
    await pause(50)
    expect(jobQueue.added).toHaveLength(1)
  })

  it('jobs leave in the order they were committed', async () => {
    const ids = await leaveJobs(130)
    await start()
    await untilPublished(130)
    expect(publishedIds()).toEqual(ids)
  })

  it('while the queue is down nothing is lost and it is not stormed; then everything leaves in order', async () => {
    jobQueue.isDown = true
    const registry = await start({ settings: { relayIntervalMs: 50 } })
    const began = performance.now()
    const ids = await deleteSome(registry, 20)
    await waitFor(() => jobQueue.attempts >= 3, { what: 'the queue is tried again' })
    const seconds = (performance.now() - began) / 1_000
    // Pauses double from 200 ms on; deletes, which tell the relay, must not shorten them.
    expect(jobQueue.attempts).toBeLessThanOrEqual(2 + 4 * seconds)
    expect(await outboxJobs(registry.database)).toHaveLength(20)
    jobQueue.isDown = false
    await untilPublished(20)
    expect(publishedIds()).toEqual(ids)
    // What comes later no longer waits for the back-off.
    const late = await deleteOne(registry)
    await waitFor(() => publishedIds().includes(late), { what: 'a job after the outage', timeoutMs: 2_000 })
  })

  it('a job that is published and not finished is published again, and not once it is', async () => {
    const registry = await start({ settings: { relayIntervalMs: 20, republishAfterMs: 200 } })
    const imageId = await deleteOne(registry)
    await untilPublished(3)
    const [row] = await outboxJobs(registry.database, imageId)
    expect(new Set(jobQueue.added.map(({ id }) => id))).toEqual(new Set([row?.id]))
    await registry.rpc.finishJob(service, { jobId: row?.id ?? '' })
    await pause(100)
    const { length } = jobQueue.added
    await pause(500)
    expect(jobQueue.added).toHaveLength(length)
  })

  it('a job is left alone while its queue may still be at it', async () => {
    const registry = await start({ settings: { relayIntervalMs: 20 } })
    await deleteOne(registry)
    await untilPublished(1)
    await pause(300)
    expect(jobQueue.added).toHaveLength(1)
  })

  it('two registries publish each job once between them, and lose none', async () => {
    const registries = [await start(), await start()]
    const [first, second] = registries as [TestRegistry, TestRegistry]
    const ids = (await Promise.all([first, second, first, second].map((each) => deleteSome(each, 10)))).flat().sort()
    await untilPublished(40)
    await pause(100)
    expect(publishedIds().sort()).toEqual(ids)
    expect(await unpublished(first)).toEqual([])
  })

  it('a registry that dies between claim and queue leaves the job to the others', async () => {
    const ids = await leaveJobs(5)
    const database = await open(fresh.url)
    const dying = openRecordingQueue()
    // It never comes back from the queue, as if the process had ended there.
    const inQueue = new Promise<string>((resolve) => {
      dying.onAdd = ({ id }) => {
        resolve(id)
        return new Promise<never>(() => undefined)
      }
    })
    openRelay({
      database,
      jobQueue: dying,
      log: silentLog,
      intervalMs: 5,
      republishAfterMs: 3_600_000,
      republishOnStart: false,
    }).start()
    const lost = await inQueue
    const claimed = (await outboxJobs(database)).filter(({ isPublished }) => isPublished)
    expect(claimed.map(({ id }) => id)).toEqual([lost])
    const bus = openMemoryBus()
    const settings = { relayIntervalMs: 20, republishAfterMs: 300 }
    const survivor = await start({ settings, jobQueue: bus.jobQueue })
    const seen: string[] = []
    const consumer = bus.openConsumer()
    await consumer.consume(jobQueueName('main'), {
      concurrency: 1,
      handler: async ({ job }) => {
        seen.push((job.payload as { imageId: string }).imageId)
        await survivor.rpc.finishJob(service, { jobId: job.id })
      },
    })
    const isEmpty = async () => (await outboxJobs(survivor.database)).length === 0
    await waitFor(isEmpty, { what: 'every job is worked on and finished' })
    expect(seen).toEqual([...ids.slice(1), ids[0]])
    await consumer.close()
    await database.close()
  })

  it('an upload is not published again: its bytes cannot be asked for twice', async () => {
    const registry = await start({ settings: { relayIntervalMs: 20, republishAfterMs: 100 } })
    const caller = member()
    const image = seedActive(caller.projectId, { status: 'queued', locations: [] })
    await seed(registry.database, [image])
    const source = { address: 'memory:', ticket: 't' }
    await registry.rpc.beginTransfer(caller, { imageId: image.id, source })
    await untilPublished(1)
    await pause(400)
    expect(jobQueue.added).toMatchObject([{ name: 'upload' }])
  })

  it('where the queue lives in the process, every job is published again at start', async () => {
    const before = await start()
    const ids = await deleteSome(before, 3)
    await untilPublished(3)
    await waitFor(async () => (await unpublished(before)).length === 0, { what: 'rows are marked as published' })
    await start()
    await pause(100)
    expect(jobQueue.added).toHaveLength(3)
    await start({ isQueueInProcess: true })
    await untilPublished(6)
    expect(publishedIds().slice(3)).toEqual(ids)
  })

  it('stopping finishes the row in hand: nothing is marked that did not leave', async () => {
    const ids = await leaveJobs(30)
    jobQueue.onAdd = () => pause(5)
    const first = await start()
    await untilPublished(3)
    await first.close()
    running.splice(running.indexOf(first), 1)
    const { length } = jobQueue.added
    expect(length).toBeLessThan(30)
    expect(publishedIds()).toEqual(ids.slice(0, length))
    jobQueue.onAdd = () => undefined
    await start()
    await untilPublished(30)
    expect(publishedIds()).toEqual(ids)
  })

  it('withdrawing works while the queue is down: the answer does not depend on it', async () => {
    jobQueue.isDown = true
    const registry = await start()
    const caller = member()
    const image = seedActive(caller.projectId, { status: 'queued', locations: [] })
    await seed(registry.database, [image])
    const source = { address: 'memory:', ticket: 't' }
    const { transferId } = await registry.rpc.beginTransfer(caller, { imageId: image.id, source })
    const told = await registry.rpc.failTransfer(service, { transferId, reason: 'nobody came' })
    expect(told).toEqual({ outcome: 'failed' })
    expect(await outboxJobs(registry.database)).toEqual([])
    jobQueue.isDown = false
    await pause(600)
    expect(jobQueue.added).toEqual([])
  })

  it('a withdrawn upload that nobody took never reaches a worker', async () => {
    const bus = openMemoryBus()
    const registry = await start({ jobQueue: bus.jobQueue })
    const caller = member()
    const images = ['first', 'second'].map((name) =>
      seedActive(caller.projectId, { name, status: 'queued', locations: [] }),
    )
    await seed(registry.database, images)
    const source = { address: 'memory:', ticket: 't' }
    const transferIds: string[] = []
    for (const { id } of images) {
      transferIds.push((await registry.rpc.beginTransfer(caller, { imageId: id, source })).transferId)
    }
    await waitFor(async () => (await unpublished(registry)).length === 0, { what: 'both uploads wait in the queue' })
    await registry.rpc.failTransfer(service, { transferId: transferIds[0] ?? '', reason: 'nobody came' })
    const seen: string[] = []
    const consumer = bus.openConsumer()
    await consumer.consume(jobQueueName('main'), {
      concurrency: 2,
      handler: async ({ job }) => {
        seen.push((job.payload as { transferId: string }).transferId)
      },
    })
    await waitFor(() => seen.length > 0, { what: 'the other upload is taken' })
    await pause(50)
    expect(seen).toEqual(transferIds.slice(1))
    await consumer.close()
  })

  it('through the in-process queue a job reaches its worker, who finishes it', async () => {
    const bus = openMemoryBus()
    const registry = await start({ jobQueue: bus.jobQueue, isQueueInProcess: true })
    const consumer = bus.openConsumer()
    const seen: string[] = []
    await consumer.consume(jobQueueName('main'), {
      concurrency: 2,
      handler: async ({ job }) => {
        seen.push((job.payload as { imageId: string }).imageId)
        await registry.rpc.finishJob(service, { jobId: job.id })
      },
    })
    const ids = await deleteSome(registry, 5)
    const isEmpty = async () => (await outboxJobs(registry.database)).length === 0
    await waitFor(isEmpty, { what: 'the jobs are finished' })
    expect(seen.sort()).toEqual(ids.sort())
    await consumer.close()
  })
})
