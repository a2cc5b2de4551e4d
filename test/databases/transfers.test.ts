import { randomUUID } from 'node:crypto'
import { type CallContext, serviceContext } from '@glance/shared/context'
import { IMAGE_STATUSES } from '@glance/shared/contracts/image'
import { jobQueueName } from '@glance/shared/contracts/jobs'
import type { StoredData } from '@glance/shared/contracts/transfer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { admin, member, reader } from './callers.ts'
import { DATABASES } from './databases.ts'
import { openRecordingQueue, type RecordingQueue } from './recording-queue.ts'
import { openRegistry, type TestRegistry } from './registry.ts'
import { type SeedImage, seed, seedImage } from './seed.ts'
import { countRows, outboxJobs, setExpiry, transferRow } from './table-rows.ts'
import { SOURCE, STORED } from './transfer-data.ts'

const CAP = 5_000_000_000_000
const service = serviceContext('req-worker')

describe.each(DATABASES)('transfers on $name', ({ create }) => {
  let registry: TestRegistry
  let jobQueue: RecordingQueue
  beforeAll(async () => {
    jobQueue = openRecordingQueue()
    registry = await openRegistry(await create(), { jobQueue, settings: { imageSizeCap: CAP, leaseSeconds: 45 } })
  })
  afterAll(() => registry?.close())

  const begin = (caller: CallContext, imageId: string, over: { store?: string; size?: number } = {}) =>
    registry.rpc.beginTransfer(caller, { imageId, source: SOURCE, ...over })
  const hold = (transferId: string, holder = 'worker') => registry.rpc.holdTransfer(service, { transferId, holder })
  const complete = (
    transferId: string,
    { holder = 'worker', ...data }: Partial<StoredData> & { holder?: string } = {},
  ) => registry.rpc.completeTransfer(service, { transferId, holder, data: { ...STORED, ...data } })
  const fail = (transferId: string) => registry.rpc.failTransfer(service, { transferId, reason: 'a test says so' })
  const show = (imageId: string) => registry.rpc.getImage(admin(), { imageId })
  const makeImage = async (owner: CallContext, over: Partial<SeedImage> = {}): Promise<SeedImage> => {
    const image = seedImage(owner.projectId, { disk_format: 'raw', container_format: 'bare', ...over })
    await seed(registry.database, [image])
    return image
  }
  /** A transfer that has begun, of an image of its own. */
  const makeTransfer = async (holder?: string) => {
    const caller = member()
    const { id } = await makeImage(caller)
    const { transferId } = await begin(caller, id)
    if (holder !== undefined) await hold(transferId, holder)
    return { caller, imageId: id, transferId }
  }

  it('begin makes the image saving and queues the upload, in one transaction', async () => {
    const caller = member()
    const { id } = await makeImage(caller, { disk_format: 'qcow2' })
    const before = Date.now()
    const { transferId, store } = await begin(caller, id.toUpperCase(), { size: 123 })
    expect(store).toBe('main')
    expect(await show(id)).toMatchObject({ status: 'saving', size: null, locations: [] })
    expect(await transferRow(registry.database, transferId)).toEqual({ state: 'live', holder: null })
    const jobs = await outboxJobs(registry.database, id)
    expect(jobs).toMatchObject([
      {
        name: 'upload',
        queue: jobQueueName('main'),
        requestId: caller.requestId,
        payload: {
          transferId,
          imageId: id,
          store: 'main',
          source: SOURCE,
          size: 123,
          sizeLimit: CAP,
          diskFormat: 'qcow2',
          containerFormat: 'bare',
        },
      },
    ])
    // It waits for a worker, and then for the worker's first word: 20 s and 45 s.
    const [row] = await registry.database.query({
      text: 'SELECT expires_at FROM transfers WHERE id = ?',
      values: [transferId],
    })
    const expiresIn = new Date(row?.[0] as string).getTime() - before
    expect(expiresIn).toBeGreaterThanOrEqual(65_000)
    expect(expiresIn).toBeLessThan(70_000)
  })

  it('the store asked for is taken, an unannounced size left out', async () => {
    const caller = member()
    const { id } = await makeImage(caller)
    expect(await begin(caller, id, { store: 'fast' })).toMatchObject({ store: 'fast' })
    const [job] = await outboxJobs(registry.database, id)
    expect(job).toMatchObject({ queue: jobQueueName('fast'), payload: { store: 'fast' } })
    expect(job?.payload).not.toHaveProperty('size')
  })

  it('what cannot begin is refused and leaves nothing', async () => {
    const caller = member()
    const friend = member()
    const plain = await makeImage(caller, { members: { [friend.projectId ?? '']: 'accepted' } })
    const noDisk = await makeImage(caller, { disk_format: null })
    const noContainer = await makeImage(caller, { container_format: null })
    const secret = await makeImage(caller, { visibility: 'private' })
    const busy = await Promise.all(
      IMAGE_STATUSES.filter((status) => status !== 'queued' && status !== 'deleted').map((status) =>
        makeImage(caller, { status }),
      ),
    )
    const refused: [string, () => Promise<unknown>][] = [
      ['FormatsUnset', () => begin(caller, noDisk.id)],
      ['FormatsUnset', () => begin(caller, noContainer.id)],
      ['UnknownStore', () => begin(caller, plain.id, { store: 'nowhere' })],
      ['UnknownStore', () => begin(caller, plain.id, { store: '' })],
      ['UnknownStore', () => begin(caller, plain.id, { store: 'os_glance_staging_store' })],
      ['TooLarge', () => begin(caller, plain.id, { size: CAP + 1 })],
      ['Forbidden', () => begin(friend, plain.id)],
      ['Forbidden', () => begin(reader(caller.projectId), plain.id)],
      ['Forbidden', () => begin({ ...caller, readOnly: true }, plain.id)],
      ['NotFound', () => begin(friend, secret.id)],
      ['NotFound', () => begin(caller, randomUUID())],
      ['NotFound', () => begin(caller, 'no-uuid')],
      ['BadRequest', () => begin(caller, plain.id, { size: -1 })],
      ...busy.map(({ id }): [string, () => Promise<unknown>] => ['Conflict', () => begin(caller, id)]),
    ]
    for (const [code, attempt] of refused) await expect(attempt()).rejects.toMatchObject({ code })
    for (const { id, status } of [plain, noDisk, noContainer, secret, ...busy]) {
      expect(await show(id)).toMatchObject({ status })
      expect(await outboxJobs(registry.database, id)).toEqual([])
      expect(await countRows(registry.database, 'transfers WHERE image_id = ?', id)).toBe(0)
    }
    expect(await begin(caller, plain.id, { size: CAP })).toMatchObject({ store: 'main' })
  })

  it('of twenty begins of one image at once exactly one wins', async () => {
    const caller = member()
    const { id } = await makeImage(caller)
    const attempts = await Promise.allSettled(Array.from({ length: 20 }, () => begin(caller, id)))
    const codes = attempts.flatMap((each) => (each.status === 'rejected' ? [each.reason.code] : []))
    expect(codes).toEqual(Array.from({ length: 19 }, () => 'Conflict'))
    expect(await countRows(registry.database, 'transfers WHERE image_id = ?', id)).toBe(1)
    expect(await outboxJobs(registry.database, id)).toHaveLength(1)
  })

  it('the lease has one holder, who may renew it', async () => {
    const { transferId } = await makeTransfer()
    const attempts = await Promise.allSettled(['a', 'b', 'c', 'd'].map((holder) => hold(transferId, holder)))
    const winners = ['a', 'b', 'c', 'd'].filter((_, index) => attempts[index]?.status === 'fulfilled')
    expect(winners).toHaveLength(1)
    const [winner = ''] = winners
    for (const holder of ['a', 'b', 'c', 'd'].filter((each) => each !== winner)) {
      await expect(hold(transferId, holder)).rejects.toMatchObject({ code: 'LeaseLost' })
      await expect(complete(transferId, { holder })).rejects.toMatchObject({ code: 'LeaseLost' })
    }
    const soon = new Date(Date.now() + 1_000)
    await setExpiry(registry.database, transferId, soon)
    expect(await hold(transferId, winner)).toEqual({ leaseSeconds: 45 })
    expect(await countRows(registry.database, 'transfers WHERE id = ? AND expires_at > ?', transferId, soon)).toBe(1)
    for (const unknown of [randomUUID(), '', 'no id']) {
      await expect(hold(unknown)).rejects.toMatchObject({ code: 'LeaseLost' })
      await expect(complete(unknown)).rejects.toMatchObject({ code: 'LeaseLost' })
    }
  })

  it('complete makes the image active with all that the transfer found out', async () => {
    const { transferId, imageId, caller } = await makeTransfer('worker')
    expect(await complete(transferId)).toEqual({})
    const image = await registry.rpc.getImage(caller, { imageId })
    expect(image).toMatchObject({
      status: 'active',
      size: STORED.size,
      virtual_size: STORED.virtualSize,
      checksum: STORED.checksum,
      os_hash_algo: STORED.hashAlgo,
      os_hash_value: STORED.hashValue,
      locations: [{ url: STORED.url, metadata: { ...STORED.metadata, store: 'main' } }],
    })
    expect(await outboxJobs(registry.database, imageId)).toEqual([])
    // The answer may have been lost: saying it again is no error and changes nothing.
    expect(await complete(transferId, { url: 'file:///other', size: 1 })).toEqual({})
    expect(await registry.rpc.getImage(caller, { imageId })).toEqual(image)
    await expect(complete(transferId, { holder: 'another' })).rejects.toMatchObject({ code: 'LeaseLost' })
    await expect(hold(transferId)).rejects.toMatchObject({ code: 'LeaseLost' })
    expect(await fail(transferId)).toEqual({ outcome: 'completed' })
    expect(await registry.rpc.getImage(caller, { imageId })).toEqual(image)
    await expect(begin(caller, imageId)).rejects.toMatchObject({ code: 'Conflict' })
  })

  it('an image may be empty, without a virtual size', async () => {
    const { transferId, imageId } = await makeTransfer('worker')
    await complete(transferId, { size: 0, virtualSize: null, metadata: {} })
    const expected = { status: 'active', size: 0, virtual_size: null }
    expect(await show(imageId)).toMatchObject(expected)
  })

  it('of completions at once one commits and all are answered', async () => {
    const { transferId, imageId } = await makeTransfer('worker')
    const answers = await Promise.all(Array.from({ length: 10 }, () => complete(transferId)))
    expect(answers).toEqual(Array.from({ length: 10 }, () => ({})))
    expect((await show(imageId)).locations).toHaveLength(1)
    expect(await countRows(registry.database, 'image_locations WHERE image_id = ?', imageId)).toBe(1)
  })

  it('who never held the lease cannot complete', async () => {
    const { transferId, imageId } = await makeTransfer()
    await expect(complete(transferId)).rejects.toMatchObject({ code: 'LeaseLost' })
    expect(await show(imageId)).toMatchObject({ status: 'saving', locations: [] })
  })

  it('fail returns the image to queued, withdraws the job, and discards only what somebody began', async () => {
    for (const holder of [undefined, 'worker']) {
      const { transferId, imageId, caller } = await makeTransfer(holder)
      const [upload] = await outboxJobs(registry.database, imageId)
      expect(await fail(transferId)).toEqual({ outcome: 'failed' })
      expect(await show(imageId)).toMatchObject({ status: 'queued', size: null, checksum: null, locations: [] })
      const discard = { name: 'discard', queue: jobQueueName('main'), payload: { imageId, store: 'main', transferId } }
      const expected = holder === undefined ? [] : [discard]
      expect(await outboxJobs(registry.database, imageId)).toMatchObject(expected)
      expect(jobQueue.removed).toContainEqual({ queue: jobQueueName('main'), jobId: upload?.id })
      // Once more: the same answer, and no second discard.
      expect(await fail(transferId)).toEqual({ outcome: 'failed' })
      expect(await outboxJobs(registry.database, imageId)).toHaveLength(expected.length)
      await expect(hold(transferId)).rejects.toMatchObject({ code: 'LeaseLost' })
      await expect(complete(transferId)).rejects.toMatchObject({ code: 'LeaseLost' })
      const second = await begin(caller, imageId)
      expect(second.transferId).not.toBe(transferId)
      // The first one's words no longer reach the image.
      expect(await fail(transferId)).toEqual({ outcome: 'failed' })
      await expect(complete(transferId)).rejects.toMatchObject({ code: 'LeaseLost' })
      expect(await show(imageId)).toMatchObject({ status: 'saving' })
    }
    for (const unknown of [randomUUID(), 'no id']) expect(await fail(unknown)).toEqual({ outcome: 'gone' })
  })

  it('a delete during the transfer: the holder is told Gone, and its residue goes', async () => {
    for (const holder of [undefined, 'worker']) {
      const { transferId, imageId, caller } = await makeTransfer(holder)
      const [upload] = await outboxJobs(registry.database, imageId)
      await registry.rpc.deleteImage(caller, { imageId })
      expect(await outboxJobs(registry.database, imageId)).toMatchObject(
        holder === undefined ? [] : [{ name: 'discard', payload: { imageId, store: 'main', transferId } }],
      )
      expect(jobQueue.removed).toContainEqual({ queue: jobQueueName('main'), jobId: upload?.id })
      await expect(hold(transferId)).rejects.toMatchObject({ code: 'LeaseLost' })
      const refused = complete(transferId, { holder: holder ?? 'late' })
      await expect(refused).rejects.toMatchObject({ code: holder === undefined ? 'LeaseLost' : 'Gone' })
      expect(await fail(transferId)).toEqual({ outcome: 'gone' })
      await expect(show(imageId)).rejects.toMatchObject({ code: 'NotFound' })
      expect(await countRows(registry.database, 'image_locations WHERE image_id = ?', imageId)).toBe(0)
    }
  })

  it('complete, fail and delete at once: one outcome, and every image and store agree with it', async () => {
    for (let round = 0; round < 12; round += 1) {
      const { transferId, imageId, caller } = await makeTransfer('worker')
      const calls = [
        () => complete(transferId).then(() => 'completed'),
        () => fail(transferId).then(({ outcome }) => outcome),
        () => registry.rpc.deleteImage(caller, { imageId }).then(() => 'deleted'),
      ]
      const rotated = [...calls.slice(round % 3), ...calls.slice(0, round % 3)]
      const outcomes = await Promise.all(rotated.map((call) => call().catch(({ code }) => String(code))))
      expect(outcomes).toContain('deleted')
      const state = (await transferRow(registry.database, transferId))?.state
      const jobs = (await outboxJobs(registry.database, imageId)).map(({ name }) => name)
      // The bytes are removed by their location when they were committed first, else as residue; never by neither.
      expect([state, ...jobs]).toEqual(state === 'completed' ? ['completed', 'delete'] : [state, 'discard'])
      expect(
        await countRows(registry.database, 'image_locations WHERE image_id = ? AND deleted = FALSE', imageId),
      ).toBe(0)
    }
  })

  it('hold and fail at once: who was given the lease leaves nothing behind', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { transferId, imageId } = await makeTransfer()
      const [held, failed] = await Promise.allSettled(
        round % 2 === 0 ? [hold(transferId), fail(transferId)] : [fail(transferId), hold(transferId)].toReversed(),
      )
      expect(failed).toMatchObject({ status: 'fulfilled', value: { outcome: 'failed' } })
      const jobs = (await outboxJobs(registry.database, imageId)).map(({ name }) => name)
      expect(jobs).toEqual(held?.status === 'fulfilled' ? ['discard'] : [])
      expect(await show(imageId)).toMatchObject({ status: 'queued' })
    }
  })

  it('formats may not change under a transfer, other attributes may', async () => {
    const { transferId, imageId, caller } = await makeTransfer('worker')
    const patch = (name: string, value: string) =>
      registry.rpc.patchImage(caller, {
        imageId,
        dialect: 'v2.1',
        operations: [{ op: 'replace', path: [name], value }],
      })
    await expect(patch('disk_format', 'qcow2')).rejects.toMatchObject({ code: 'Forbidden' })
    await patch('name', 'renamed')
    await complete(transferId)
    expect(await show(imageId)).toMatchObject({ status: 'active', name: 'renamed', disk_format: 'raw' })
  })
})
