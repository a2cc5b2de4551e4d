import type { CallContext } from '@glance/shared/context'
import { type Image, type ImageQuery, SORT_KEYS } from '@glance/shared/contracts/image'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { admin, member, newProject, reader } from './callers.ts'
import { DATABASES } from './databases.ts'
import { compareBy, listQuery } from './list-model.ts'
import { openRegistry, type TestRegistry } from './registry.ts'
import { type SeedImage, seed, seedImage } from './seed.ts'

const PROJECT = newProject()
const NAMES = [null, null, 'alpha', 'Alpha', 'alpha', 'ärger', 'zebra', '🐧', '', 'alpha 2', '_', 'É']
const SIZES = [null, 0, null, 5, 5, 2 ** 40, 1, 2 ** 53 - 1]
const FORMATS = [null, 'raw', 'qcow2', null, 'iso']
const CONTAINERS = ['bare', null, 'docker']
const STATUSES = ['queued', 'active', 'saving', 'deactivated'] as const
const DAY = Date.UTC(2026, 5, 1)
/** Ties to the millisecond, and times within one second that a list shows alike but must not confuse. */
const TIMES = [0, 0, 1, 999, 1000, 1000, 60_000].map((ms) => new Date(DAY + ms))

/** Takes a value from a list, the same ones again when it is over. */
const pick = <T>(from: readonly T[], index: number): T => from[index % from.length] as T

/** Images from every source a list is drawn from, with nulls and ties in every key. */
const IMAGES: readonly SeedImage[] = Array.from({ length: 30 }, (_, index) =>
  seedImage(index % 3 === 0 ? 'somebody else' : PROJECT, {
    visibility:
      index % 3 === 0 ? pick(['public', 'shared'], index / 3) : pick(['private', 'shared', 'public'], index >> 1),
    members: index % 3 === 0 ? { [PROJECT]: 'accepted' } : {},
    name: pick(NAMES, index),
    size: pick(SIZES, index),
    disk_format: pick(FORMATS, index),
    container_format: pick(CONTAINERS, index),
    status: pick(STATUSES, index),
    created_at: pick(TIMES, index),
    updated_at: pick(TIMES, index * 3),
  }),
)

type Sort = ImageQuery['sort']
const ONE_KEY: readonly Sort[] = SORT_KEYS.flatMap((key) => [[{ key, dir: 'asc' }], [{ key, dir: 'desc' }]])
const SEVERAL_KEYS: readonly Sort[] = [
  [
    { key: 'name', dir: 'asc' },
    { key: 'size', dir: 'desc' },
  ],
  [
    { key: 'disk_format', dir: 'desc' },
    { key: 'container_format', dir: 'asc' },
    { key: 'name', dir: 'desc' },
  ],
  [
    { key: 'size', dir: 'asc' },
    { key: 'status', dir: 'asc' },
  ],
  [
    { key: 'created_at', dir: 'asc' },
    { key: 'id', dir: 'desc' },
  ],
  [
    { key: 'id', dir: 'asc' },
    { key: 'name', dir: 'desc' },
  ],
  [
    { key: 'name', dir: 'asc' },
    { key: 'name', dir: 'desc' },
  ],
]
const ALL_SORTS: readonly Sort[] = [[], ...ONE_KEY, ...SEVERAL_KEYS]
const nameOf = (sort: Sort) => sort.map(({ key, dir }) => `${key}:${dir}`).join(',') || 'nothing'

describe.each(DATABASES)('order and pages of lists on $name', ({ create }) => {
  let registry: TestRegistry
  const caller = member(PROJECT)
  beforeAll(async () => {
    registry = await openRegistry(await create())
    await seed(registry.database, IMAGES)
  })
  afterAll(() => registry?.close())

  const list = async (over: Partial<ImageQuery>, who: CallContext = caller) =>
    registry.rpc.listImages(who, { query: listQuery(over) })
  const idsOf = (images: readonly Pick<Image, 'id'>[]) => images.map(({ id }) => id)

  /** Follows the pages as a client does, until the registry says that no other may follow. */
  const allPages = async (sort: Sort, limit: number, over: Partial<ImageQuery> = {}): Promise<string[]> => {
    const ids: string[] = []
    for (;;) {
      const marker = ids.at(-1)
      const { images, more } = await list({ ...over, sort, limit, ...(marker === undefined ? {} : { marker }) })
      expect(images.length).toBeLessThanOrEqual(limit)
      ids.push(...idsOf(images))
      if (ids.length > 2 * IMAGES.length) throw new Error(`pages of ${limit} by ${nameOf(sort)} never end`)
      if (!more) return ids
      expect(images).toHaveLength(limit)
    }
  }

  it('one key, then created_at and id in the same direction', async () => {
    for (const sort of [[], ...ONE_KEY]) {
      const dir = sort[0]?.dir ?? 'desc'
      const terms: Sort = [...sort, { key: 'created_at', dir }, { key: 'id', dir }]
      const { images } = await list({ sort })
      expect(idsOf(images), nameOf(sort)).toEqual(idsOf([...IMAGES].sort(compareBy(terms))))
    }
  })

  it('several keys, each in its direction', async () => {
    const byId = new Map(IMAGES.map((image) => [image.id, image]))
    for (const sort of SEVERAL_KEYS) {
      const { images } = await list({ sort })
      const found = idsOf(images).flatMap((id) => byId.get(id) ?? [])
      expect(found).toHaveLength(IMAGES.length)
      // A stable sort leaves a list alone that is in order already.
      expect(idsOf(found), nameOf(sort)).toEqual(idsOf([...found].sort(compareBy(sort))))
    }
  })

  it.each([1, 2, 7, 30])('pages of %i give each image once and in order, whatever the sort', async (limit) => {
    for (const sort of ALL_SORTS) {
      const whole = idsOf((await list({ sort })).images)
      expect(await allPages(sort, limit), nameOf(sort)).toEqual(whole)
    }
  })

  it('pages hold together with a filter and for an admin', async () => {
    const over: Partial<ImageQuery> = { integers: [{ column: 'size', op: 'gte', value: 0 }] }
    for (const sort of ONE_KEY) {
      expect(await allPages(sort, 2, over)).toEqual(idsOf((await list({ ...over, sort })).images))
    }
    const ids: string[] = []
    for (;;) {
      const marker = ids.at(-1)
      const page = await list({ limit: 7, visibility: 'all', ...(marker === undefined ? {} : { marker }) }, admin(null))
      ids.push(...idsOf(page.images))
      if (!page.more) break
    }
    expect(new Set(ids).size).toBe(ids.length)
    expect([...ids].sort()).toEqual(idsOf(IMAGES).sort())
  })

  it('a full page says that more may come, the empty page and limit 0 do not', async () => {
    expect(await list({ limit: IMAGES.length })).toMatchObject({ more: true })
    expect(await list({ limit: IMAGES.length + 1 })).toMatchObject({ more: false })
    expect(await list({ limit: 0 })).toEqual({ images: [], more: false })
    const last = (await list({})).images.at(-1)?.id ?? ''
    expect(await list({ marker: last, limit: 5 })).toEqual({ images: [], more: false })
  })

  it('hidden images, and images outside the filter, may be the marker', async () => {
    const owner = member()
    const [old, hidden, young] = [0, 1, 2].map((ms) =>
      seedImage(owner.projectId, { os_hidden: ms === 1, created_at: new Date(DAY + ms) }),
    ) as [SeedImage, SeedImage, SeedImage]
    const foreign = seedImage('somebody else', { visibility: 'community', created_at: new Date(DAY + 1) })
    await seed(registry.database, [old, hidden, young, foreign])
    for (const { id } of [hidden, foreign]) {
      const after = await list({ marker: id, equals: [{ column: 'owner', value: owner.projectId ?? '' }] }, owner)
      expect(idsOf(after.images)).toEqual([old.id])
    }
    const upper = await list(
      { marker: hidden.id.toUpperCase(), equals: [{ column: 'owner', value: owner.projectId ?? '' }] },
      owner,
    )
    expect(idsOf(upper.images)).toEqual([old.id])
  })

  it('a marker that is unknown, malformed, deleted or invisible is refused in the same words', async () => {
    const deleted = seedImage(PROJECT, { status: 'deleted', deleted: true })
    const invisible = seedImage('somebody else', { visibility: 'private' })
    const notOffered = seedImage('somebody else', { visibility: 'private', members: { [PROJECT]: 'accepted' } })
    await seed(registry.database, [deleted, invisible, notOffered])
    const unknown = seedImage(null).id
    const markers = [unknown, deleted.id, invisible.id, notOffered.id, 'no-uuid', '', "' OR 1 = 1 --", '\0', '🐧']
    const texts = new Set<string>()
    for (const marker of markers) {
      for (const limit of [0, 10]) {
        const refusal = await list({ marker, limit }).then(
          () => `${JSON.stringify(marker)} is accepted with limit ${limit}`,
          ({ code, message }) =>
            `${code}: ${String(message)
              .replace(marker || '  ', ' ')
              .trim()}`,
        )
        texts.add(refusal.replace(/\s+/g, ' '))
      }
    }
    expect([...texts]).toEqual([expect.stringMatching(/^BadRequest: /)])
    const forAdmin = await list({ marker: invisible.id, sort: [{ key: 'created_at', dir: 'asc' }] }, admin(null))
    expect(forAdmin.images.length).toBeGreaterThan(0)
  })

  it('rows that policy hides count for the page, so that the pages go on', async () => {
    const policy = { get_image: "'private':%(visibility)s" }
    const strict = await openRegistry({ url: registry.url, remove: async () => undefined }, { policy })
    try {
      const expected = IMAGES.filter(({ visibility, owner }) => visibility === 'private' && owner === PROJECT)
      for (const [limit, more] of [
        [IMAGES.length, true],
        [IMAGES.length + 1, false],
      ] as const) {
        const page = await strict.rpc.listImages(reader(PROJECT), { query: listQuery({ limit }) })
        expect(idsOf(page.images).sort()).toEqual(idsOf(expected).sort())
        expect(page.more).toBe(more)
      }
    } finally {
      await strict.close()
    }
  })
})
