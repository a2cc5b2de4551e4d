import type { CallContext } from '@glance/shared/context'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { admin, member, reader } from './callers.ts'
import { DATABASES } from './databases.ts'
import { openRegistry, type TestRegistry } from './registry.ts'
import { type SeedImage, seed, seedImage } from './seed.ts'
import { LANGUAGE_NAMES, TRICKY_TEXTS } from './texts.ts'

describe.each(DATABASES)('single tags on $name', ({ create }) => {
  let registry: TestRegistry
  beforeAll(async () => {
    registry = await openRegistry(await create())
  })
  afterAll(() => registry?.close())

  const add = (caller: CallContext, imageId: string, tag: string) => registry.rpc.addTag(caller, { imageId, tag })
  const remove = (caller: CallContext, imageId: string, tag: string) => registry.rpc.removeTag(caller, { imageId, tag })
  const tagsOf = async ({ id }: SeedImage) => (await registry.rpc.getImage(admin(), { imageId: id })).tags.toSorted()
  const seedOne = async (owner: CallContext, over: Partial<SeedImage> = {}) => {
    const image = seedImage(owner.projectId, over)
    await seed(registry.database, [image])
    return image
  }

  it('adding is idempotent, removing what is absent is not found', async () => {
    const caller = member()
    const image = await seedOne(caller, { tags: ['first'] })
    expect(await add(caller, image.id, 'second')).toEqual({})
    expect(await add(caller, image.id, 'second')).toEqual({})
    expect(await tagsOf(image)).toEqual(['first', 'second'])
    expect(await remove(caller, image.id, 'first')).toEqual({})
    expect(await tagsOf(image)).toEqual(['second'])
    for (const absent of ['first', 'SECOND', 'secon', 'second ', '']) {
      await expect(remove(caller, image.id, absent)).rejects.toMatchObject({ code: 'NotFound' })
    }
    await add(caller, image.id.toUpperCase(), 'first')
    expect(await tagsOf(image)).toEqual(['first', 'second'])
  })

  it('both move updated_at, a removal that finds nothing does not', async () => {
    const caller = member()
    const image = await seedOne(caller, { tags: ['t'] })
    const age = async () => {
      const values = [new Date(Date.UTC(2026, 0, 1)), image.id]
      await registry.database.execute({ text: 'UPDATE images SET updated_at = ? WHERE id = ?', values })
    }
    const updatedAt = async () => (await registry.rpc.getImage(caller, { imageId: image.id })).updated_at
    await add(caller, image.id, 'u')
    expect(await updatedAt()).not.toBe('2026-01-01T00:00:00Z')
    await age()
    await expect(remove(caller, image.id, 'absent')).rejects.toMatchObject({ code: 'NotFound' })
    expect(await updatedAt()).toBe('2026-01-01T00:00:00Z')
    await remove(caller, image.id, 'u')
    expect(await updatedAt()).not.toBe('2026-01-01T00:00:00Z')
  })

  it('any text is a tag, told from every other to the byte', async () => {
    const caller = member()
    const image = await seedOne(caller)
    const tags = [...TRICKY_TEXTS, ...LANGUAGE_NAMES]
    for (const tag of tags) await add(caller, image.id, tag)
    expect(await tagsOf(image)).toEqual(tags.toSorted())
    for (const [index, tag] of tags.entries()) {
      await remove(caller, image.id, tag)
      expect((await tagsOf(image)).length).toBe(tags.length - index - 1)
    }
    for (const tag of ['', 'x'.repeat(256), '🐧'.repeat(256), 'nul\0', 'half \uD83D']) {
      await expect(add(caller, image.id, tag), JSON.stringify(tag.slice(0, 9))).rejects.toMatchObject({
        code: 'BadRequest',
      })
    }
    for (const tag of ['nul\0', 'x'.repeat(300)]) {
      await expect(remove(caller, image.id, tag)).rejects.toMatchObject({ code: 'NotFound' })
    }
    expect(await tagsOf(image)).toEqual([])
  })

  it('tags that differ in trailing blanks alone are two', async () => {
    const caller = member()
    const image = await seedOne(caller)
    await add(caller, image.id, 'blank')
    await add(caller, image.id, 'blank ')
    expect(await tagsOf(image)).toEqual(['blank', 'blank '])
    await remove(caller, image.id, 'blank')
    expect(await tagsOf(image)).toEqual(['blank '])
  })

  it('the quota counts, except for a tag the image has', async () => {
    const caller = member()
    const tags = Array.from({ length: 128 }, (_, index) => `tag ${index}`)
    const image = await seedOne(caller, { tags })
    await expect(add(caller, image.id, 'one more')).rejects.toMatchObject({ code: 'TooLarge' })
    await add(caller, image.id, 'tag 5')
    await remove(caller, image.id, 'tag 5')
    await add(caller, image.id, 'one more')
    expect(await tagsOf(image)).toHaveLength(128)
  })

  it('who may tag', async () => {
    const owner = member()
    const friend = member()
    const shared = await seedOne(owner, { members: { [friend.projectId ?? '']: 'accepted' }, tags: ['t'] })
    const secret = await seedOne(owner, { visibility: 'private', tags: ['t'] })
    const refused: [CallContext, SeedImage, string][] = [
      [friend, shared, 'Forbidden'],
      [friend, secret, 'NotFound'],
      [reader(owner.projectId), shared, 'Forbidden'],
      [{ ...owner, readOnly: true }, shared, 'Forbidden'],
    ]
    for (const [who, { id }, code] of refused) {
      await expect(add(who, id, 'new')).rejects.toMatchObject({ code })
      await expect(remove(who, id, 't')).rejects.toMatchObject({ code })
    }
    expect(await tagsOf(shared)).toEqual(['t'])
    await add(admin(), secret.id, 'new')
    expect(await tagsOf(secret)).toEqual(['new', 't'])
  })

  it('many at once all stay, and one tag many times is one', async () => {
    const caller = member()
    const image = await seedOne(caller)
    const tags = Array.from({ length: 30 }, (_, index) => `tag ${index % 15}`)
    await Promise.all(tags.map((tag) => add(caller, image.id, tag)))
    expect(await tagsOf(image)).toEqual([...new Set(tags)].toSorted())
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => remove(caller, image.id, 'tag 1')))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await tagsOf(image)).toHaveLength(14)
  })
})
