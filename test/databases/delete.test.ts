import type { CallContext } from '@glance/shared/context'
import { IMAGE_STATUSES } from '@glance/shared/contracts/image'
import { jobQueueName } from '@glance/shared/contracts/jobs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { admin, member, newProject, reader } from './callers.ts'
import { DATABASES } from './databases.ts'
import { listQuery } from './list-model.ts'
import { openRecordingQueue } from './recording-queue.ts'
import { openRegistry, type TestRegistry } from './registry.ts'
import { type SeedImage, seed, seedActive, seedImage } from './seed.ts'
import { countRows, outboxJobs } from './table-rows.ts'

const HANGING = ['image_properties', 'image_tags', 'image_members', 'image_locations'] as const

describe.each(DATABASES)('delete on $name', ({ create }) => {
  let registry: TestRegistry
  beforeAll(async () => {
    // A queue that is down keeps the outbox as the transactions left it.
    const jobQueue = openRecordingQueue()
    jobQueue.isDown = true
    registry = await openRegistry(await create(), { jobQueue })
  })
  afterAll(() => registry?.close())

  const remove = (caller: CallContext, imageId: string) => registry.rpc.deleteImage(caller, { imageId })
  const seedOne = async (image: SeedImage): Promise<SeedImage> => {
    await seed(registry.database, [image])
    return image
  }
  const live = (table: string, imageId: string) =>
    countRows(registry.database, `${table} WHERE image_id = ? AND deleted = FALSE`, imageId)

  it('marks the image with all that hangs on it, and queues removal of each location', async () => {
    const caller = member()
    const { id } = await seedOne(
      seedActive(caller.projectId, {
        tags: ['a', 'b'],
        properties: { p: '1', q: '2' },
        members: { [newProject()]: 'accepted' },
        locations: [
          { url: 'file:///main/x', store: 'main' },
          { url: 's3://fast/x', store: 'fast' },
        ],
      }),
    )
    const before = Date.now()
    expect(await remove(caller, id)).toEqual({})
    const [row] = await registry.database.query({
      text: 'SELECT status, deleted, deleted_at FROM images WHERE id = ?',
      values: [id],
    })
    expect([row?.[0], Number(row?.[1])]).toEqual(['deleted', 1])
    expect(new Date(row?.[2] as string).getTime()).toBeGreaterThanOrEqual(before)
    for (const table of HANGING) {
      expect(await live(table, id), table).toBe(0)
      expect(await countRows(registry.database, `${table} WHERE image_id = ? AND deleted_at IS NULL`, id), table).toBe(
        0,
      )
      expect(await countRows(registry.database, `${table} WHERE image_id = ?`, id), table).toBeGreaterThan(0)
    }
    const jobs = await outboxJobs(registry.database, id)
    expect(jobs.map(({ name, queue, payload, requestId }) => ({ name, queue, payload, requestId }))).toEqual(
      ['main', 'fast'].map((store) => ({
        name: 'delete',
        queue: jobQueueName(store),
        payload: { imageId: id, store, url: store === 'main' ? 'file:///main/x' : 's3://fast/x' },
        requestId: caller.requestId,
      })),
    )
  })

  it('the image is gone for every call, and its id is never given again', async () => {
    const caller = member()
    const { id } = await seedOne(seedActive(caller.projectId, { visibility: 'public' }))
    await remove(caller, id)
    for (const who of [caller, admin()]) {
      for (const call of [
        () => registry.rpc.getImage(who, { imageId: id }),
        () => remove(who, id),
        () => remove(who, id.toUpperCase()),
        () => registry.rpc.patchImage(who, { imageId: id, dialect: 'v2.1', operations: [] }),
        () => registry.rpc.addTag(who, { imageId: id, tag: 't' }),
        () => registry.rpc.removeTag(who, { imageId: id, tag: 't' }),
        () => registry.rpc.openDownload(who, { imageId: id }),
        () => registry.rpc.beginTransfer(who, { imageId: id, source: { address: 'memory:', ticket: 't' } }),
      ]) {
        await expect(call()).rejects.toMatchObject({ code: 'NotFound' })
      }
      const query = listQuery({ visibility: 'all', oneOf: [{ column: 'id', values: [id] }] })
      expect((await registry.rpc.listImages(who, { query })).images).toEqual([])
    }
    const again = registry.rpc.createImage(caller, { draft: { id, properties: {} } })
    await expect(again).rejects.toMatchObject({ code: 'Duplicate' })
    expect(await outboxJobs(registry.database, id)).toHaveLength(1)
  })

  it('an image without data leaves no job', async () => {
    const caller = member()
    const { id } = await seedOne(seedImage(caller.projectId))
    await remove(caller, id)
    expect(await outboxJobs(registry.database, id)).toEqual([])
  })

  it('a refused delete changes nothing', async () => {
    const owner = member()
    const friend = member()
    const members = { [friend.projectId ?? '']: 'accepted' } as const
    const shared = await seedOne(seedActive(owner.projectId, { members }))
    const locked = await seedOne(seedActive(owner.projectId, { protected: true }))
    const secret = await seedOne(seedActive(owner.projectId, { visibility: 'private' }))
    const nobodys = await seedOne(seedActive(null, { visibility: 'public' }))
    const refused: [CallContext, string, string][] = [
      [owner, locked.id, 'Forbidden'],
      [admin(), locked.id, 'Forbidden'],
      [friend, shared.id, 'Forbidden'],
      [friend, nobodys.id, 'Forbidden'],
      [friend, secret.id, 'NotFound'],
      [reader(owner.projectId), shared.id, 'Forbidden'],
      [{ ...owner, readOnly: true }, shared.id, 'Forbidden'],
      [owner, 'no-uuid', 'NotFound'],
      [owner, '', 'NotFound'],
    ]
    for (const [who, id, code] of refused) await expect(remove(who, id)).rejects.toMatchObject({ code })
    for (const { id } of [shared, locked, secret, nobodys]) {
      expect(await registry.rpc.getImage(admin(), { imageId: id })).toMatchObject({ status: 'active', size: 512 })
      expect(await outboxJobs(registry.database, id)).toEqual([])
      expect(await live('image_locations', id)).toBe(1)
    }
    await registry.rpc.patchImage(owner, {
      imageId: locked.id,
      dialect: 'v2.1',
      operations: [{ op: 'replace', path: ['protected'], value: false }],
    })
    expect(await remove(owner, locked.id)).toEqual({})
  })

  it('every status that may end is ended, the others are refused', async () => {
    const caller = member()
    for (const status of IMAGE_STATUSES) {
      if (status === 'deleted') continue
      const { id } = await seedOne(seedImage(caller.projectId, { status }))
      const outcome = await remove(caller, id).then(
        () => 'deleted',
        ({ code }) => code,
      )
      expect([status, outcome]).toEqual([status, 'deleted'])
    }
  })

  it('of deletes at once one succeeds and the bytes are removed once', async () => {
    const caller = member()
    const { id } = await seedOne(seedActive(caller.projectId))
    const attempts = await Promise.allSettled(Array.from({ length: 20 }, () => remove(caller, id)))
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const codes = attempts.flatMap((each) => (each.status === 'rejected' ? [each.reason.code] : []))
    expect(new Set(codes)).toEqual(new Set(['NotFound']))
    expect(await outboxJobs(registry.database, id)).toHaveLength(1)
  })

  it('deletes and changes at once leave no half of either', async () => {
    const caller = member()
    const { id } = await seedOne(seedActive(caller.projectId, { tags: ['old'], properties: { p: 'old' } }))
    const patch = (value: string) =>
      registry.rpc.patchImage(caller, {
        imageId: id,
        dialect: 'v2.1',
        operations: [
          { op: 'add', path: ['p'], value },
          { op: 'add', path: [value], value },
          { op: 'replace', path: ['tags'], value: [value] },
        ],
      })
    const attempts = await Promise.allSettled([
      ...['a', 'b', 'c', 'd'].map(patch),
      remove(caller, id),
      ...['e', 'f', 'g', 'h'].map(patch),
      ...['i', 'j'].map((tag) => registry.rpc.addTag(caller, { imageId: id, tag })),
    ])
    for (const each of attempts) {
      if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: 'NotFound' })
    }
    expect(attempts[4]?.status).toBe('fulfilled')
    // Whoever came after the delete must not have revived anything.
    for (const table of HANGING) expect(await live(table, id), table).toBe(0)
  })
})
