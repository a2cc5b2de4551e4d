import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { type CallContext, serviceContext } from '@glance/shared/context'
import { jobQueueName } from '@glance/shared/contracts/jobs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waitFor } from '../support/wait.ts'
import { admin, member } from './callers.ts'
import { DATABASES } from './databases.ts'
import { openRecordingQueue } from './recording-queue.ts'
import { openRegistry, type TestRegistry } from './registry.ts'
import { seed, seedImage } from './seed.ts'
import { countRows, outboxJobs, setExpiry, transferRow } from './table-rows.ts'
import { SOURCE, STORED } from './transfer-data.ts'

const SWEEP_MS = 100
/** Longer than two rounds of the sweep, at its slowest: what it shall leave alone it has met by then. */
const TWO_ROUNDS_MS = 300
const service = serviceContext('req-worker')
describe.each(DATABASES)('sweep on $name', ({ create }) => {
  let registry: TestRegistry
  let other: TestRegistry
  beforeAll(async () => {
    const jobQueue = openRecordingQueue()
    jobQueue.isDown = true
    const options = { jobQueue, settings: { sweepIntervalMs: SWEEP_MS } }
    const fresh = await create()
    registry = await openRegistry(fresh, options)
    // Two registries sweep the same rows.
    other = await openRegistry({ url: fresh.url, remove: async () => undefined }, options)
  })
  afterAll(async () => {
    await other?.close()
    await registry?.close()
  })

  const statusOf = async (imageId: string) => (await registry.rpc.getImage(admin(), { imageId })).status
  const begin = (caller: CallContext, imageId: string) =>
    registry.rpc.beginTransfer(caller, { imageId, source: SOURCE })
  const makeTransfer = async (holder?: string) => {
    const caller = member()
    const image = seedImage(caller.projectId, { disk_format: 'raw', container_format: 'bare' })
    await seed(registry.database, [image])
    const { transferId } = await begin(caller, image.id)
    if (holder !== undefined) await registry.rpc.holdTransfer(service, { transferId, holder })
    return { caller, imageId: image.id, transferId }
  }
  const expire = (transferId: string) => setExpiry(registry.database, transferId, new Date(Date.now() - 1))

  it('an expired transfer ends as if its holder had failed; residue is discarded only when there was a holder', async () => {
    const held = await makeTransfer('worker')
    const waiting = await makeTransfer()
    for (const { transferId } of [held, waiting]) await expire(transferId)
    for (const { imageId } of [held, waiting]) {
      await waitFor(async () => (await statusOf(imageId)) === 'queued', { what: 'the sweep returns the image' })
    }
    expect(await outboxJobs(registry.database, held.imageId)).toMatchObject([
      {
        name: 'discard',
        queue: jobQueueName('main'),
        payload: { imageId: held.imageId, store: 'main', transferId: held.transferId },
      },
    ])
    expect(await outboxJobs(registry.database, waiting.imageId)).toEqual([])
    for (const { transferId, imageId, caller } of [held, waiting]) {
      expect(await transferRow(registry.database, transferId)).toMatchObject({ state: 'failed' })
      const end = { transferId, holder: 'worker' }
      await expect(registry.rpc.completeTransfer(service, { ...end, data: STORED })).rejects.toMatchObject({
        code: 'LeaseLost',
      })
      await expect(registry.rpc.holdTransfer(service, end)).rejects.toMatchObject({ code: 'LeaseLost' })
      const told = await registry.rpc.failTransfer(service, { transferId, reason: 'late' })
      expect(told).toEqual({ outcome: 'failed' })
      expect(await begin(caller, imageId)).toMatchObject({ store: 'main' })
    }
  })

  it('a transfer whose holder renews goes on', async () => {
    const { transferId, imageId } = await makeTransfer('worker')
    const end = Date.now() + 1_000
    await setExpiry(registry.database, transferId, new Date(end))
    expect(await registry.rpc.holdTransfer(service, { transferId, holder: 'worker' })).toEqual({ leaseSeconds: 60 })
    await pause(end - Date.now() + TWO_ROUNDS_MS)
    expect(await statusOf(imageId)).toBe('saving')
    await registry.rpc.completeTransfer(service, { transferId, holder: 'worker', data: STORED })
    await expire(transferId)
    await pause(TWO_ROUNDS_MS)
    expect(await statusOf(imageId)).toBe('active')
    expect(await outboxJobs(registry.database, imageId)).toEqual([])
  })

  it('many expire at once, more than a round takes; each ends once', async () => {
    const caller = member()
    const images = Array.from({ length: 110 }, () =>
      seedImage(caller.projectId, { disk_format: 'raw', container_format: 'bare' }),
    )
    await seed(registry.database, images)
    const begun = await Promise.all(images.map(({ id }) => begin(caller, id)))
    const transferIds = new Set(begun.map(({ transferId }) => transferId))
    const holder = 'worker'
    await Promise.all([...transferIds].map((transferId) => registry.rpc.holdTransfer(service, { transferId, holder })))
    await registry.database.execute({
      text: "UPDATE transfers SET expires_at = ? WHERE state = 'live'",
      values: [new Date(Date.now() - 1)],
    })
    const live = () => countRows(registry.database, "transfers WHERE state = 'live'")
    await waitFor(async () => (await live()) === 0, { what: 'transfers stay live' })
    for (const { id } of images) expect(await statusOf(id)).toBe('queued')
    const jobs = (await outboxJobs(registry.database)).filter(({ payload }) =>
      transferIds.has(String(payload.transferId)),
    )
    expect(jobs.map(({ name }) => name)).toEqual(images.map(() => 'discard'))
    expect(new Set(jobs.map(({ payload }) => payload.transferId))).toEqual(transferIds)
  })

  it('an ended transfer is remembered for a while and then forgotten', async () => {
    const { transferId } = await makeTransfer('worker')
    await registry.rpc.completeTransfer(service, { transferId, holder: 'worker', data: STORED })
    await pause(TWO_ROUNDS_MS)
    expect(await transferRow(registry.database, transferId)).toMatchObject({ state: 'completed' })
    await expire(transferId)
    await waitFor(async () => (await transferRow(registry.database, transferId)) === undefined, { what: 'row stays' })
    expect(await registry.rpc.failTransfer(service, { transferId, reason: 'late' })).toEqual({ outcome: 'gone' })
  })

  it('expired tokens go, others stay', async () => {
    const save = async (expiresAt: Date) => {
      const hash = randomBytes(32).toString('hex')
      await registry.rpc.saveToken(service, { hash, expiresAt: expiresAt.toISOString(), context: member(), body: {} })
      return hash
    }
    const old = await save(new Date(Date.now() + 50))
    const young = await save(new Date(Date.now() + 3_600_000))
    const rows = (hash: string) => countRows(registry.database, 'tokens WHERE hash = ?', hash)
    await waitFor(async () => (await rows(old)) === 0, { what: 'an expired token stays' })
    expect(await rows(young)).toBe(1)
  })
})
