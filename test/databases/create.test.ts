import { randomUUID } from 'node:crypto'
import type { CallContext } from '@glance/shared/context'
import type { Image, ImageDraft } from '@glance/shared/contracts/image'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { admin, member, newProject, reader } from './callers.ts'
import { DATABASES } from './databases.ts'
import { listQuery } from './list-model.ts'
import { openRegistry, type TestRegistry } from './registry.ts'
import { seed, seedImage } from './seed.ts'
import { LANGUAGE_NAMES, TRICKY_TEXTS } from './texts.ts'

/** Tags are a set: no answer promises their order. */
const withSortedTags = (image: Image): Image => ({ ...image, tags: image.tags.toSorted() })

describe.each(DATABASES)('create and show on $name', ({ create }) => {
  let registry: TestRegistry
  beforeAll(async () => {
    registry = await openRegistry(await create())
  })
  afterAll(() => registry?.close())

  const make = (caller: CallContext, draft: Partial<ImageDraft> = {}) =>
    registry.rpc.createImage(caller, { draft: { properties: {}, ...draft } })
  const show = (caller: CallContext, imageId: string) => registry.rpc.getImage(caller, { imageId })

  it('an empty request gives an image of defaults', async () => {
    const caller = member()
    const before = Math.floor(Date.now() / 1000) * 1000
    const image = await make(caller)
    expect(image).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      name: null,
      status: 'queued',
      visibility: 'shared',
      protected: false,
      os_hidden: false,
      owner: caller.projectId,
      disk_format: null,
      container_format: null,
      min_disk: 0,
      min_ram: 0,
      size: null,
      virtual_size: null,
      checksum: null,
      os_hash_algo: null,
      os_hash_value: null,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      updated_at: image.created_at,
      tags: [],
      properties: {},
      locations: [],
    })
    expect(Date.parse(image.created_at)).toBeGreaterThanOrEqual(before)
    expect(Date.parse(image.created_at)).toBeLessThanOrEqual(Date.now())
    expect(await show(caller, image.id)).toEqual(image)
    const { images } = await registry.rpc.listImages(caller, { query: listQuery() })
    expect(images).toEqual([image])
  })

  it('everything a request may name is kept', async () => {
    const caller = admin()
    const draft: ImageDraft = {
      id: randomUUID(),
      name: 'everything',
      visibility: 'public',
      protected: true,
      os_hidden: true,
      owner: newProject(),
      disk_format: 'qcow2',
      container_format: 'bare',
      min_disk: 2 ** 31 - 1,
      min_ram: 2 ** 31 - 1,
      tags: ['one', 'two', 'one'],
      properties: { os_distro: 'debian', empty: '', kernel_id: null },
    }
    const image = await make(caller, draft)
    expect(image).toMatchObject({ ...draft, tags: ['one', 'two'] })
    const shown = await show(caller, image.id)
    expect(withSortedTags(shown)).toEqual(image)
  })

  it('texts come back as they were sent, whatever they hold', async () => {
    const caller = member()
    const names = [...TRICKY_TEXTS, ...LANGUAGE_NAMES]
    for (const name of TRICKY_TEXTS) {
      const { id } = await make(caller, { name })
      expect((await show(caller, id)).name).toBe(name)
    }
    const image = await make(caller, {
      tags: names,
      properties: Object.fromEntries(names.map((name, index) => [name, names[names.length - 1 - index] ?? ''])),
    })
    const shown = await show(caller, image.id)
    expect(new Set(shown.tags)).toEqual(new Set(names))
    expect(shown.tags).toHaveLength(names.length)
    expect(Object.entries(shown.properties).sort()).toEqual(Object.entries(image.properties).sort())
    const { images } = await registry.rpc.listImages(caller, { query: listQuery({ tags: ['__proto__'] }) })
    expect(images.map(withSortedTags)).toEqual([withSortedTags(shown)])
  })

  it('tags and property names may differ in trailing blanks alone', async () => {
    const caller = member()
    const image = await make(caller, { tags: ['blank', 'blank '], properties: { blank: 'without', 'blank ': 'with' } })
    const shown = await show(caller, image.id)
    expect(shown.tags.toSorted()).toEqual(['blank', 'blank '])
    expect(shown.properties).toEqual({ blank: 'without', 'blank ': 'with' })
  })

  it('the largest property value is kept, a larger one refused', async () => {
    const caller = member()
    const wide = '🐧'.repeat(16_383)
    const image = await make(caller, { properties: { narrow: 'x'.repeat(65_535), wide } })
    const { properties } = await show(caller, image.id)
    expect(properties).toEqual({ narrow: 'x'.repeat(65_535), wide })
    for (const value of ['x'.repeat(65_536), '🐧'.repeat(16_384)]) {
      await expect(make(caller, { properties: { value } })).rejects.toMatchObject({ code: 'BadRequest' })
    }
  })

  it('128 tags of 255 characters and 128 properties fit into one image, one more does not', async () => {
    const caller = member()
    const tags = Array.from({ length: 128 }, (_, index) => `${'🐧'.repeat(252)}${100 + index}`)
    const properties = Object.fromEntries(tags.map((tag) => [tag, tag]))
    const { id } = await make(caller, { tags, properties })
    const shown = await show(caller, id)
    expect(shown.tags.toSorted()).toEqual(tags.toSorted())
    expect(shown.properties).toEqual(properties)
    const more = [...tags, 'one more']
    await expect(make(caller, { tags: more })).rejects.toMatchObject({ code: 'TooLarge' })
    const tooMany = Object.fromEntries(more.map((name) => [name, '']))
    await expect(make(caller, { properties: tooMany })).rejects.toMatchObject({ code: 'TooLarge' })
    await expect(make(caller, { name: '🐧'.repeat(256) })).rejects.toMatchObject({ code: 'BadRequest' })
    expect((await registry.rpc.listImages(caller, { query: listQuery() })).images).toHaveLength(1)
  })

  it('an id in use is refused, by a deleted image and in capitals too', async () => {
    const caller = member()
    const { id } = await make(caller)
    const deleted = seedImage(newProject(), { status: 'deleted', deleted: true })
    await seed(registry.database, [deleted])
    for (const taken of [id, id.toUpperCase(), deleted.id, deleted.id.toUpperCase()]) {
      const attempt = make(caller, { id: taken, name: 'second', tags: ['a'], properties: { a: 'b' } })
      await expect(attempt).rejects.toMatchObject({
        code: 'Duplicate',
        message: expect.stringContaining(taken.toLowerCase()),
      })
    }
    expect(await show(caller, id)).toMatchObject({ name: null, tags: [], properties: {} })
    await expect(show(admin(), deleted.id)).rejects.toMatchObject({ code: 'NotFound' })
    expect(await rowsOf('image_tags', deleted.id)).toBe(0)
  })

  it('an id in capitals names the same image as in small letters', async () => {
    const caller = member()
    const id = randomUUID()
    const image = await make(caller, { id: id.toUpperCase(), tags: ['a'], properties: { b: 'c' } })
    expect(image.id).toBe(id)
    expect(await show(caller, id)).toEqual(image)
    expect(await show(caller, id.toUpperCase())).toEqual(image)
    await expect(make(caller, { id })).rejects.toMatchObject({ code: 'Duplicate' })
  })

  it('of fifty creates of one id at once exactly one succeeds', async () => {
    const caller = member()
    const id = randomUUID()
    const attempts = await Promise.allSettled(
      Array.from({ length: 50 }, (_, index) =>
        make(caller, {
          id: index % 2 === 0 ? id : id.toUpperCase(),
          name: `number ${index}`,
          tags: [`tag ${index}`, 'both'],
          properties: { number: String(index) },
        }),
      ),
    )
    const winners = attempts.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
    const refusals = attempts.flatMap((each) => (each.status === 'rejected' ? [each.reason.code] : []))
    expect(winners).toHaveLength(1)
    expect(new Set(refusals)).toEqual(new Set(['Duplicate']))
    // Nothing of the others stays behind with the winner's image.
    const shown = await show(caller, id)
    expect([withSortedTags(shown)]).toEqual(winners.map(withSortedTags))
    expect(await rowsOf('image_tags', id)).toBe(2)
    expect(await rowsOf('image_properties', id)).toBe(1)
  })

  it('fifty different images at once are all there', async () => {
    const caller = member()
    const made = await Promise.all(Array.from({ length: 50 }, (_, index) => make(caller, { name: `n${index}` })))
    const { images } = await registry.rpc.listImages(caller, { query: listQuery() })
    expect(images.map(({ id }) => id).sort()).toEqual(made.map(({ id }) => id).sort())
  })

  it('who may not create leaves nothing behind', async () => {
    const caller = member()
    const refused: [CallContext, Partial<ImageDraft>, string][] = [
      [reader(caller.projectId), {}, 'Forbidden'],
      [{ ...caller, readOnly: true }, {}, 'Forbidden'],
      [{ ...admin(caller.projectId), readOnly: true }, {}, 'Forbidden'],
      [caller, { owner: newProject() }, 'Forbidden'],
      [caller, { owner: null }, 'Forbidden'],
      [caller, { visibility: 'public' }, 'Forbidden'],
      [caller, { properties: { status: 'active' } }, 'ReadOnlyAttribute'],
      [caller, { properties: { os_hash_value: 'x' } }, 'ReadOnlyAttribute'],
      [caller, { properties: { os_glance_import_task: 'x' } }, 'ReservedAttribute'],
      [caller, { properties: { location: 'x' } }, 'ReservedAttribute'],
      [caller, { properties: { '': 'x' } }, 'BadRequest'],
      [caller, { properties: { nul: 'a\0b' } }, 'BadRequest'],
      [caller, { name: 'half of a \uD83D' }, 'BadRequest'],
      [caller, { min_disk: -1 }, 'BadRequest'],
      [caller, { min_ram: 2 ** 31 }, 'BadRequest'],
    ]
    for (const [who, draft, code] of refused) {
      await expect(make(who, draft), JSON.stringify(draft)).rejects.toMatchObject({ code })
    }
    expect((await registry.rpc.listImages(caller, { query: listQuery() })).images).toEqual([])
    expect(await make(caller, { visibility: 'community' })).toMatchObject({ visibility: 'community' })
    expect(await make(admin(), { owner: null })).toMatchObject({ owner: null })
  })

  it('ids that are malformed, unknown, deleted or invisible are not found in the same words', async () => {
    const caller = member()
    const hidden = seedImage(newProject(), { visibility: 'private' })
    const deleted = seedImage(caller.projectId, { status: 'deleted', deleted: true })
    await seed(registry.database, [hidden, deleted])
    const ids = [randomUUID(), hidden.id, deleted.id, '', 'no-uuid', '%', "' OR 1=1 --", '\0', '🐧', 'x'.repeat(5000)]
    for (const id of ids) {
      const message = `No image found with ID ${id}`
      await expect(show(caller, id)).rejects.toMatchObject({ code: 'NotFound', message })
    }
  })

  const rowsOf = async (table: string, imageId: string): Promise<number> => {
    const text = `SELECT COUNT(*) FROM ${table} WHERE image_id = ?`
    const [row] = await registry.database.query({ text, values: [imageId] })
    return Number(row?.[0])
  }
})
