import { type CallContext, serviceContext } from '@glance/shared/context'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { admin, member, newProject, reader } from './callers.ts'
import { DATABASES } from './databases.ts'
import { openRegistry, type TestRegistry } from './registry.ts'
import { type SeedImage, seed, seedActive, seedImage } from './seed.ts'

const service = serviceContext('req-worker')

describe.each(DATABASES)('where data lie, on $name', ({ create }) => {
  let registry: TestRegistry
  beforeAll(async () => {
    registry = await openRegistry(await create())
  })
  afterAll(() => registry?.close())

  const open = (caller: CallContext, imageId: string) => registry.rpc.openDownload(caller, { imageId })
  const seedAll = async (...images: SeedImage[]) => seed(registry.database, images)

  it('a download is told size, digest and places, the heaviest store first', async () => {
    const caller = member()
    const locations = [
      { url: 'file:///main/1', store: 'main' },
      { url: 's3://fast/1', store: 'fast' },
      { url: 'file:///main/2', store: 'main' },
      { url: 's3://fast/2', store: 'fast' },
    ]
    const image = seedActive(caller.projectId, { size: 5 * 2 ** 40, checksum: 'a'.repeat(32), locations })
    await seedAll(image)
    const inOrder = [1, 3, 0, 2].map((index) => locations[index])
    expect(await open(caller, image.id)).toEqual({ size: 5 * 2 ** 40, checksum: 'a'.repeat(32), places: inOrder })
    expect(await open(caller, image.id.toUpperCase())).toMatchObject({ places: inOrder })
    const shown = await registry.rpc.getImage(caller, { imageId: image.id })
    expect(shown.locations).toEqual(inOrder.map((each) => ({ url: each?.url, metadata: { store: each?.store } })))
  })

  it('locations that are not active, or removed, are no places', async () => {
    const caller = member()
    const image = seedActive(caller.projectId, {
      locations: ['a', 'b', 'c'].map((name) => ({ url: `file:///${name}`, store: 'main' })),
    })
    await seedAll(image)
    for (const [set, name] of [
      ["status = 'pending_delete'", 'a'],
      ['deleted = TRUE', 'b'],
    ]) {
      const text = `UPDATE image_locations SET ${set} WHERE image_id = ? AND value = ?`
      await registry.database.execute({ text, values: [image.id, `file:///${name}`] })
    }
    expect((await open(caller, image.id)).places).toEqual([{ store: 'main', url: 'file:///c' }])
    expect((await registry.rpc.getImage(caller, { imageId: image.id })).locations).toHaveLength(1)
  })

  it('an image without data has no places', async () => {
    const caller = member()
    const images = (['queued', 'saving', 'uploading', 'importing'] as const).map((status) =>
      seedImage(caller.projectId, { status }),
    )
    await seedAll(...images)
    for (const { id } of images) expect(await open(caller, id)).toEqual({ size: null, checksum: null, places: [] })
  })

  it('who may download: by visibility, membership and role', async () => {
    const owner = newProject()
    const [pending, accepted, rejected] = [member(), member(), member()]
    const members = {
      [pending.projectId ?? '']: 'pending',
      [accepted.projectId ?? '']: 'accepted',
      [rejected.projectId ?? '']: 'rejected',
    } as const
    const images = {
      public: seedActive(owner, { visibility: 'public', members }),
      private: seedActive(owner, { visibility: 'private', members }),
      shared: seedActive(owner, { visibility: 'shared', members }),
      community: seedActive(owner, { visibility: 'community', members }),
      hidden: seedActive(owner, { visibility: 'public', os_hidden: true }),
    }
    await seedAll(...Object.values(images))
    const outcomes = async (caller: CallContext) => {
      const told: Record<string, string> = {}
      for (const [name, { id }] of Object.entries(images)) {
        told[name] = await open(caller, id).then(
          ({ places }) => (places.length === 1 ? 'opens' : 'no place'),
          ({ code }) => code,
        )
      }
      return told
    }
    const all = { public: 'opens', private: 'opens', shared: 'opens', community: 'opens', hidden: 'opens' }
    const stranger = { ...all, private: 'NotFound', shared: 'NotFound' }
    expect(await outcomes(member(owner))).toEqual(all)
    expect(await outcomes(admin())).toEqual(all)
    expect(await outcomes(member())).toEqual(stranger)
    for (const caller of [pending, accepted, rejected]) {
      expect(await outcomes(caller)).toEqual({ ...all, private: 'NotFound' })
    }
    // A reader may see these images, and not have their data.
    const seen = Object.fromEntries(Object.keys(all).map((name) => [name, 'Forbidden']))
    expect(await outcomes(reader(owner))).toEqual(seen)
    expect(await outcomes(reader(newProject()))).toEqual({ ...seen, private: 'NotFound', shared: 'NotFound' })
    // Who has no role at all may not even see that they exist.
    const nothing = Object.fromEntries(Object.keys(all).map((name) => [name, 'NotFound']))
    expect(await outcomes({ ...member(owner), roles: [] })).toEqual(nothing)
  })

  it('the data of a deactivated image are for admins only, its locations too', async () => {
    const owner = member()
    const image = seedActive(owner.projectId, { status: 'deactivated', visibility: 'public' })
    const secret = seedActive(owner.projectId, { status: 'deactivated', visibility: 'private' })
    await seedAll(image, secret)
    for (const caller of [owner, member()]) {
      await expect(open(caller, image.id)).rejects.toMatchObject({ code: 'Forbidden' })
      expect((await registry.rpc.getImage(caller, { imageId: image.id })).locations).toEqual([])
    }
    await expect(open(member(), secret.id)).rejects.toMatchObject({ code: 'NotFound' })
    expect((await open(admin(), image.id)).places).toHaveLength(1)
    expect((await registry.rpc.getImage(admin(), { imageId: image.id })).locations).toHaveLength(1)
  })

  it('an object is known while a row or a transfer under way may need it', async () => {
    const caller = member()
    const active = seedActive(caller.projectId)
    const inactive = seedActive(caller.projectId, { status: 'deactivated' })
    const doomed = seedActive(caller.projectId)
    const saving = seedImage(caller.projectId, { disk_format: 'raw', container_format: 'bare' })
    const failed = seedImage(caller.projectId, { disk_format: 'raw', container_format: 'bare' })
    const queued = seedImage(caller.projectId)
    await seedAll(active, inactive, doomed, saving, failed, queued)
    await registry.rpc.deleteImage(caller, { imageId: doomed.id })
    const source = { address: 'memory:', ticket: 't' }
    await registry.rpc.beginTransfer(caller, { imageId: saving.id, source })
    const { transferId } = await registry.rpc.beginTransfer(caller, { imageId: failed.id, source })
    await registry.rpc.failTransfer(service, { transferId, reason: 'a test says so' })
    const objects = [active, inactive, doomed, saving, failed, queued].map(({ id }) => ({
      imageId: id,
      url: `file:///data/${id}`,
    }))
    const known = async (store: string, ...asked: { imageId: string; url: string }[]) =>
      (await registry.rpc.knowsObject(service, { store, objects: asked })).known
    expect(await known('main', ...objects)).toEqual([true, true, false, true, false, false])
    expect(await known('main', ...objects.toReversed())).toEqual([false, false, true, false, true, true])
    // Under way to the store `main`, not to the other.
    expect(await known('fast', { imageId: saving.id, url: `s3://fast/${saving.id}` })).toEqual([false])
    expect(await known('main', { imageId: saving.id.toUpperCase(), url: 'file:///elsewhere' })).toEqual([true])
    expect(await known('main', { imageId: 'no uuid', url: `file:///data/${active.id}` })).toEqual([true])
    expect(await known('main', { imageId: active.id, url: `file:///data/${active.id.toUpperCase()}` })).toEqual([false])
    expect(await known('main', { imageId: queued.id, url: 'file:///data/%' })).toEqual([false])
    expect(await known('main')).toEqual([])
    const many = Array.from({ length: 1_200 }, (_, index) => objects[index % 6] ?? { imageId: '', url: '' })
    const answers = await known('main', ...many)
    expect(answers).toEqual(many.map((_, index) => [true, true, false, true, false, false][index % 6]))
  })

  it('the locations of one store come in pages, each once', async () => {
    const caller = member()
    const store = 'listed'
    const images = Array.from({ length: 25 }, (_, index) =>
      seedActive(caller.projectId, {
        size: index * 2 ** 38,
        locations: [
          { url: `file:///${index}`, store: index % 5 === 0 ? 'main' : store },
          ...(index === 7 ? [{ url: 'file:///7 again', store }] : []),
        ],
      }),
    )
    await seedAll(...images)
    await registry.rpc.deleteImage(caller, { imageId: images[1]?.id ?? '' })
    const expected = images.flatMap(({ id, size, locations }, index) =>
      index === 1
        ? []
        : locations.filter((each) => each.store === store).map(({ url }) => ({ imageId: id, size, url })),
    )
    expect(expected).toHaveLength(20)
    for (const limit of [1, 7, 20, 1000]) {
      const found: typeof expected = []
      let after: string | undefined
      for (let pages = 0; pages <= 21; pages += 1) {
        const page = await registry.rpc.listLocations(service, {
          store,
          limit,
          ...(after === undefined ? {} : { after }),
        })
        expect(page.locations.length).toBeLessThanOrEqual(limit)
        for (const { imageId, size, location } of page.locations) {
          expect(location.metadata).toEqual({ store })
          found.push({ imageId, size, url: location.url })
        }
        after = page.next
        if (after === undefined) break
      }
      expect(after).toBeUndefined()
      expect(found).toEqual(expected)
    }
    expect(await registry.rpc.listLocations(service, { store: 'nothing in it', limit: 5 })).toEqual({ locations: [] })
    for (const over of [{ limit: 0 }, { limit: 1001 }, { limit: 5, after: 'no cursor' }]) {
      const attempt = registry.rpc.listLocations(service, { store, ...over })
      await expect(attempt).rejects.toMatchObject({ code: 'BadRequest' })
    }
  })
})
