import type { CallContext } from '@glance/shared/context'
import type { Image, ImageDraft, PatchOperation } from '@glance/shared/contracts/image'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { admin, member, newProject, reader } from './callers.ts'
import { DATABASES } from './databases.ts'
import { listQuery } from './list-model.ts'
import { openRegistry, type TestRegistry } from './registry.ts'
import { type SeedImage, seed, seedActive, seedImage } from './seed.ts'
import { LANGUAGE_NAMES, TRICKY_TEXTS } from './texts.ts'

const set = (name: string, value: unknown): PatchOperation => ({ op: 'replace', path: [name], value })
const add = (name: string, value: unknown): PatchOperation => ({ op: 'add', path: [name], value })
const remove = (name: string): PatchOperation => ({ op: 'remove', path: [name] })

describe.each(DATABASES)('PATCH on $name', ({ create }) => {
  let registry: TestRegistry
  beforeAll(async () => {
    registry = await openRegistry(await create(), {
      settings: { limits: { properties: 3, tags: 3, members: 3, locations: 3 } },
    })
  })
  afterAll(() => registry?.close())

  const make = (caller: CallContext, draft: Partial<ImageDraft> = {}) =>
    registry.rpc.createImage(caller, { draft: { properties: {}, ...draft } })
  const show = (caller: CallContext, imageId: string) => registry.rpc.getImage(caller, { imageId })
  const patch = (
    caller: CallContext,
    { id, dialect = 'v2.1' }: { id: string; dialect?: 'v2.0' | 'v2.1' },
    ...operations: PatchOperation[]
  ) => registry.rpc.patchImage(caller, { imageId: id, dialect, operations })
  /** Back-dates an image, so that a save shows in updated_at without waiting a second. */
  const age = async (id: string): Promise<void> => {
    const then = new Date(Date.now() - 3_600_000)
    const text = 'UPDATE images SET created_at = ?, updated_at = ? WHERE id = ?'
    await registry.database.execute({ text, values: [then, then, id] })
  }

  it('touches what it names and nothing else', async () => {
    const caller = member()
    const { id } = await make(caller, {
      name: 'before',
      tags: ['a', 'b'],
      properties: { one: '1', two: '2' },
      min_ram: 7,
    })
    await age(id)
    const before = await show(caller, id)
    const changes: [PatchOperation[], Partial<Image>][] = [
      [[set('name', 'after')], { name: 'after' }],
      [[set('name', null)], { name: null }],
      [[set('two', 'II')], { properties: { one: '1', two: 'II' } }],
      [[add('three', '3')], { properties: { one: '1', two: 'II', three: '3' } }],
      [[remove('three'), set('min_disk', 9)], { properties: { one: '1', two: 'II' }, min_disk: 9 }],
      [[set('tags', ['b', 'c', 'c'])], { tags: ['b', 'c'] }],
      [[set('tags', [])], { tags: [] }],
      [[set('protected', true), set('os_hidden', true)], { protected: true, os_hidden: true }],
      [[set('visibility', 'private')], { visibility: 'private' }],
      [[set('disk_format', 'raw'), set('container_format', 'bare')], { disk_format: 'raw', container_format: 'bare' }],
      [[set('disk_format', null)], { disk_format: null }],
      [[set('min_ram', 0)], { min_ram: 0 }],
    ]
    let expected = { ...before }
    for (const [operations, change] of changes) {
      const answer = await patch(caller, { id }, ...operations)
      expected = { ...expected, ...change, updated_at: answer.updated_at }
      expect({ ...answer, tags: answer.tags.toSorted() }).toEqual(expected)
      expect(Date.parse(answer.updated_at)).toBeGreaterThan(Date.parse(before.updated_at))
      expect(await show(caller, id)).toEqual(answer)
    }
  })

  it('an empty patch saves nothing, one that sets equal values does', async () => {
    const caller = member()
    const { id } = await make(caller, { name: 'same', properties: { p: 'same' } })
    await age(id)
    const before = await show(caller, id)
    expect(await patch(caller, { id })).toEqual(before)
    expect(await patch(reader(caller.projectId), { id })).toEqual(before)
    for (const operation of [set('name', 'same'), set('p', 'same'), set('tags', [])]) {
      await age(id)
      const answer = await patch(caller, { id }, operation)
      expect(Date.parse(answer.updated_at)).toBeGreaterThan(Date.parse(before.updated_at))
      expect({ ...answer, created_at: '', updated_at: '' }).toEqual({ ...before, created_at: '', updated_at: '' })
    }
  })

  it('the two media types differ in what add means', async () => {
    const caller = member()
    const { id } = await make(caller, { name: 'n', properties: { there: 'old' } })
    for (const operation of [add('there', 'new'), add('name', 'new'), add('tags', ['new'])]) {
      await expect(patch(caller, { id, dialect: 'v2.0' }, operation)).rejects.toMatchObject({ code: 'Conflict' })
    }
    expect(await show(caller, id)).toMatchObject({ name: 'n', tags: [], properties: { there: 'old' } })
    expect(await patch(caller, { id, dialect: 'v2.0' }, add('fresh', 'x'), set('there', 'y'))).toMatchObject({
      properties: { there: 'y', fresh: 'x' },
    })
    const answer = await patch(caller, { id }, add('there', 'new'), add('name', 'new'), add('tags', ['new']))
    expect(answer).toMatchObject({ name: 'new', tags: ['new'], properties: { there: 'new', fresh: 'x' } })
    for (const dialect of ['v2.0', 'v2.1'] as const) {
      for (const operation of [set('absent', 'x'), remove('absent')]) {
        await expect(patch(caller, { id, dialect }, operation)).rejects.toMatchObject({ code: 'Conflict' })
      }
      await expect(patch(caller, { id, dialect }, remove('name'))).rejects.toMatchObject({ code: 'Forbidden' })
    }
  })

  it('a property that was removed comes back with its new value, a tag too', async () => {
    const caller = member()
    const { id } = await make(caller, { tags: ['t'], properties: { p: '1' } })
    for (const value of ['2', null, '3']) {
      await patch(caller, { id }, remove('p'), set('tags', []))
      expect(await show(caller, id)).toMatchObject({ tags: [], properties: {} })
      await patch(caller, { id }, add('p', value), set('tags', ['t']))
      expect(await show(caller, id)).toMatchObject({ tags: ['t'], properties: { p: value } })
    }
    expect(await patch(caller, { id }, remove('p'), add('p', 'again'))).toMatchObject({ properties: { p: 'again' } })
    expect(await patch(caller, { id }, add('q', 'x'), remove('q'))).toMatchObject({ properties: { p: 'again' } })
  })

  it('texts come back as they were sent, and names are told apart to the byte', async () => {
    const caller = member()
    const { id } = await make(caller)
    let before: string | undefined
    for (const text of [...TRICKY_TEXTS, ...LANGUAGE_NAMES]) {
      const gone = before === undefined ? [] : [remove(before)]
      const answer = await patch(caller, { id }, set('name', text), ...gone, add(text, text), set('tags', [text]))
      expect({ name: answer.name, tags: answer.tags }).toEqual({ name: text, tags: [text] })
      expect(Object.entries(answer.properties)).toEqual([[text, text]])
      before = text
    }
    await patch(caller, { id }, remove(before ?? ''))
    await patch(caller, { id }, add('Case', 'upper'), add('case', 'lower'), add('cäse', 'accent'))
    expect(await patch(caller, { id }, set('case', 'changed'), remove('Case'))).toMatchObject({
      properties: { case: 'changed', cäse: 'accent' },
    })
  })

  it('an operation that fails undoes those before it', async () => {
    const caller = member()
    const { id } = await make(caller, { name: 'n', tags: ['t'], properties: { p: '1' } })
    const before = await show(caller, id)
    const failing: [PatchOperation, string][] = [
      [set('absent', 'x'), 'Conflict'],
      [set('owner', newProject()), 'Forbidden'],
      [add('owner', newProject()), 'Forbidden'],
      [set('visibility', 'public'), 'Forbidden'],
      [set('status', 'active'), 'ReadOnlyAttribute'],
      [add('stores', 'x'), 'ReadOnlyAttribute'],
      [set('id', id), 'ReadOnlyAttribute'],
      [add('os_glance_x', 'y'), 'ReservedAttribute'],
      [add('deleted', 'y'), 'ReservedAttribute'],
      [set('min_disk', -1), 'BadRequest'],
      [set('name', 'x'.repeat(256)), 'BadRequest'],
      [add('x'.repeat(256), ''), 'BadRequest'],
      [add('number', 5), 'BadRequest'],
      [add('nul', '\0'), 'BadRequest'],
      [set('locations', []), 'Forbidden'],
    ]
    for (const [operation, code] of failing) {
      const whole = [set('name', 'x'), set('tags', []), remove('p'), add('q', '2'), operation]
      await expect(patch(caller, { id }, ...whole), JSON.stringify(operation)).rejects.toMatchObject({ code })
    }
    expect(await show(caller, id)).toEqual(before)
  })

  it('formats are fixed once there are data', async () => {
    const caller = member()
    const active = seedActive(caller.projectId, { disk_format: 'raw' })
    const importing = seedImage(caller.projectId, { status: 'importing' })
    await seed(registry.database, [active, importing])
    for (const value of ['qcow2', 'raw']) {
      const attempt = patch(caller, active, set('disk_format', value))
      await expect(attempt).rejects.toMatchObject({ code: 'Forbidden' })
    }
    expect(await patch(caller, importing, set('disk_format', 'iso'))).toMatchObject({ disk_format: 'iso' })
    expect(await patch(caller, active, set('name', 'new'))).toMatchObject({ name: 'new', size: 512, status: 'active' })
  })

  it('quotas judge the outcome; what is over already may be changed as long as it does not grow', async () => {
    const caller = member()
    const over = seedImage(caller.projectId, {
      tags: ['1', '2', '3', '4', '5'],
      properties: { a: '', b: '', c: '', d: '', os_glance_importing_to_stores: '' },
    })
    await seed(registry.database, [over])
    const { id } = await make(caller, { properties: { a: '1', b: '2', c: '3' }, tags: ['1', '2', '3'] })
    for (const operation of [add('d', '4'), set('tags', ['1', '2', '3', '4'])]) {
      await expect(patch(caller, { id }, operation)).rejects.toMatchObject({ code: 'TooLarge' })
      await expect(patch(caller, over, add('e', '4'))).rejects.toMatchObject({ code: 'TooLarge' })
    }
    expect(await patch(caller, { id }, remove('a'), add('d', '4'))).toMatchObject({
      properties: { b: '2', c: '3', d: '4' },
    })
    const changed = await patch(
      caller,
      over,
      set('a', 'x'),
      remove('b'),
      add('e', 'y'),
      set('tags', ['5', '6', '7', '8', '9']),
    )
    expect(changed.properties).toEqual({ a: 'x', c: '', d: '', e: 'y', os_glance_importing_to_stores: '' })
    expect(changed.tags.toSorted()).toEqual(['5', '6', '7', '8', '9'])
  })

  it('who may change what', async () => {
    const owner = member()
    const friend = member()
    const shared = seedImage(owner.projectId, { members: { [friend.projectId ?? '']: 'accepted' } })
    const open = seedImage(owner.projectId, { visibility: 'public' })
    const secret = seedImage(owner.projectId, { visibility: 'private' })
    const nobodys = seedImage(null, { visibility: 'public' })
    await seed(registry.database, [shared, open, secret, nobodys])
    const refused: [CallContext, SeedImage, string][] = [
      [friend, shared, 'Forbidden'],
      [friend, open, 'Forbidden'],
      [friend, nobodys, 'Forbidden'],
      [friend, secret, 'NotFound'],
      [reader(owner.projectId), shared, 'Forbidden'],
      [{ ...owner, readOnly: true }, shared, 'Forbidden'],
      [{ ...friend, roles: [] }, open, 'NotFound'],
    ]
    for (const [who, image, code] of refused) {
      await expect(patch(who, image, set('name', 'x'))).rejects.toMatchObject({ code })
    }
    await expect(patch(owner, { id: 'no-uuid' }, set('name', 'x'))).rejects.toMatchObject({ code: 'NotFound' })
    await expect(patch(owner, { id: '\0' })).rejects.toMatchObject({ code: 'NotFound' })
    expect(await patch(owner, { id: shared.id.toUpperCase() }, set('name', 'x'))).toMatchObject({ name: 'x' })
    expect(await patch(admin(), secret, set('owner', friend.projectId), set('visibility', 'public'))).toMatchObject({
      owner: friend.projectId,
      visibility: 'public',
    })
    expect(await patch(friend, secret, set('name', 'mine now'))).toMatchObject({ name: 'mine now' })
  })

  it('a change that takes the image out of the caller’s sight is still answered', async () => {
    const root = admin()
    const { id } = await make(root, { visibility: 'private' })
    expect(await patch(root, { id }, set('owner', newProject()))).toMatchObject({ visibility: 'private' })
    expect(
      (await registry.rpc.listImages(root, { query: listQuery({ oneOf: [{ column: 'id', values: [id] }] }) })).images,
    ).toHaveLength(1)
  })

  it('of changes at once that name different things, each survives', async () => {
    const caller = member()
    const { id } = await make(caller, { properties: { a: '0', b: '0', c: '0' } })
    const answers = await Promise.all([
      patch(caller, { id }, set('a', '1')),
      patch(caller, { id }, set('b', '1')),
      patch(caller, { id }, set('c', '1')),
      patch(caller, { id }, set('name', 'new')),
      patch(caller, { id }, set('min_ram', 5)),
      patch(caller, { id }, set('tags', ['t'])),
      patch(caller, { id }, set('visibility', 'private')),
      registry.rpc.addTag(caller, { imageId: id, tag: 'u' }),
    ])
    expect(answers).toHaveLength(8)
    const shown = await show(caller, id)
    expect(shown).toMatchObject({
      properties: { a: '1', b: '1', c: '1' },
      name: 'new',
      min_ram: 5,
      visibility: 'private',
    })
    expect(shown.tags).toContain('t')
  })

  it('of changes at once of one thing, one value stays and every caller is answered', async () => {
    const caller = member()
    const { id } = await make(caller, { properties: { p: '0' } })
    const values = Array.from({ length: 20 }, (_, index) => `v${index}`)
    await Promise.all(
      values.map((value) => patch(caller, { id }, set('p', value), set('tags', [value]), add('fresh', value))),
    )
    const { properties, tags } = await show(caller, id)
    expect(values).toContain(properties.p)
    expect(properties).toEqual({ p: properties.p, fresh: properties.p })
    expect(tags).toEqual([properties.p])
  })
})
