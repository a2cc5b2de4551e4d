import type { CallContext } from '@glance/shared/context'
import { type ImageQuery, TIME_OPERATORS } from '@glance/shared/contracts/image'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { admin, member, newProject } from './callers.ts'
import { DATABASES } from './databases.ts'
import { expectedImages, listQuery } from './list-model.ts'
import { openRegistry, type TestRegistry } from './registry.ts'
import { type SeedImage, seed, seedActive, seedImage } from './seed.ts'
import { TRICKY_TEXTS } from './texts.ts'

const PROJECT = newProject()
const TIB = 2 ** 40
const LONG = 'v'.repeat(200)
const second = (offset: number, ms = 0) => new Date(Date.UTC(2026, 4, 1, 12, 0, offset, ms))

/** Images that differ in one thing each, so that a filter which reads the wrong column finds the wrong ones. */
const IMAGES: readonly SeedImage[] = [
  ...TRICKY_TEXTS.map((text) => seedImage(PROJECT, { name: text, tags: [text], properties: { text } })),
  ...TRICKY_TEXTS.slice(0, 12).map((text) => seedImage(PROJECT, { name: 'by name', properties: { [text]: 'x' } })),
  seedImage(PROJECT, { name: '' }),
  seedImage(PROJECT, { name: null }),
  seedImage(PROJECT, { protected: true, tags: ['red', 'green'] }),
  seedImage(PROJECT, { tags: ['red', 'green', 'blue'] }),
  seedImage(PROJECT, { tags: ['red', 'Green'] }),
  seedImage(PROJECT, { os_hidden: true, tags: ['red', 'green'], properties: { arch: 'x86', kind: 'a' } }),
  seedImage(PROJECT, { properties: { arch: 'x86', kind: 'a', empty: '', nothing: null } }),
  seedImage(PROJECT, { properties: { arch: 'x86', kind: 'b' } }),
  seedImage(PROJECT, { properties: { arch: 'arm', kind: 'a' } }),
  seedImage(PROJECT, { properties: { long: `${LONG}1` } }),
  seedImage(PROJECT, { properties: { long: `${LONG}2` } }),
  seedImage(PROJECT, { properties: { long: LONG } }),
  seedImage(PROJECT, { properties: { long: '🐧'.repeat(100) } }),
  seedImage(PROJECT, { min_disk: 1, min_ram: 2 }),
  seedImage(PROJECT, { min_disk: 2 ** 31 - 1, min_ram: 2 ** 31 - 1 }),
  seedActive(PROJECT, { size: 0, virtual_size: null }),
  seedActive(PROJECT, { size: 1, virtual_size: 4096, checksum: 'a'.repeat(32) }),
  seedActive(PROJECT, { size: TIB, virtual_size: 5 * TIB, os_hash_value: 'b'.repeat(128) }),
  seedActive(PROJECT, { size: TIB + 1, disk_format: 'qcow2', os_hash_algo: 'sha256' }),
  seedActive(PROJECT, { size: 2 ** 53 - 1, disk_format: 'iso', status: 'deactivated' }),
  seedImage(PROJECT, { disk_format: 'qcow2', container_format: 'docker', status: 'saving' }),
  seedImage('somebody else', { visibility: 'public', tags: ['red'], name: 'ubuntu' }),
  seedImage(null, { visibility: 'public', name: 'nobody owns it' }),
  ...[0, 1, 999].map((ms) => seedImage(PROJECT, { created_at: second(1, ms), updated_at: second(5, ms) })),
  seedImage(PROJECT, { created_at: second(2), updated_at: second(6) }),
]

type Case = readonly [name: string, query: Partial<ImageQuery>]

const IDS = IMAGES.slice(0, 3).map(({ id }) => id)
const TEXT_CASES: readonly Case[] = TRICKY_TEXTS.flatMap((text): Case[] => [
  [`name ${JSON.stringify(text)}`, { oneOf: [{ column: 'name', values: [text] }] }],
  [`tag ${JSON.stringify(text)}`, { tags: [text] }],
  [`property value ${JSON.stringify(text)}`, { properties: [{ name: 'text', value: text }] }],
  [`property name ${JSON.stringify(text)}`, { properties: [{ name: text, value: 'x' }] }],
])
const CASES: readonly Case[] = [
  ['no name', { oneOf: [{ column: 'name', values: [''] }] }],
  ['several names', { oneOf: [{ column: 'name', values: ['Ubuntu', 'a,b', 'none of these'] }] }],
  ['no name at all', { oneOf: [{ column: 'name', values: [] }] }],
  ['a name that none has', { oneOf: [{ column: 'name', values: ['ubunt'] }] }],
  ['ids', { oneOf: [{ column: 'id', values: IDS }] }],
  ['ids in capitals', { oneOf: [{ column: 'id', values: IDS.map((id) => id.toUpperCase()) }] }],
  ['what is no id', { oneOf: [{ column: 'id', values: ['%', "' OR 1 = 1 --"] }] }],
  ['a status', { oneOf: [{ column: 'status', values: ['active'] }] }],
  ['statuses', { oneOf: [{ column: 'status', values: ['saving', 'deactivated', 'killed', 'deleted'] }] }],
  ['a disk format', { oneOf: [{ column: 'disk_format', values: ['qcow2'] }] }],
  ['disk formats', { oneOf: [{ column: 'disk_format', values: ['iso', 'raw'] }] }],
  ['a container format', { oneOf: [{ column: 'container_format', values: ['bare'] }] }],
  [
    'a disk and a container format',
    {
      oneOf: [
        { column: 'disk_format', values: ['qcow2', 'raw'] },
        { column: 'container_format', values: ['docker'] },
      ],
    },
  ],
  ['an owner', { equals: [{ column: 'owner', value: 'somebody else' }] }],
  ['its own project', { equals: [{ column: 'owner', value: PROJECT }] }],
  ['an owner in another case', { equals: [{ column: 'owner', value: 'Somebody Else' }] }],
  ['a checksum', { equals: [{ column: 'checksum', value: 'a'.repeat(32) }] }],
  ['a hash algorithm', { equals: [{ column: 'os_hash_algo', value: 'sha256' }] }],
  ['a hash', { equals: [{ column: 'os_hash_value', value: 'b'.repeat(128) }] }],
  ['an overlong hash', { equals: [{ column: 'os_hash_value', value: 'b'.repeat(1000) }] }],
  ['protected', { protected: true }],
  ['not protected', { protected: false }],
  ['hidden', { hidden: true }],
  ['hidden with a tag', { hidden: true, tags: ['red'] }],
  ['one tag', { tags: ['red'] }],
  ['two tags', { tags: ['red', 'green'] }],
  ['three tags', { tags: ['blue', 'green', 'red'] }],
  ['the same tag twice', { tags: ['red', 'red'] }],
  ['a tag that none has', { tags: ['red', 'violet'] }],
  ['one property', { properties: [{ name: 'arch', value: 'x86' }] }],
  [
    'two properties',
    {
      properties: [
        { name: 'arch', value: 'x86' },
        { name: 'kind', value: 'a' },
      ],
    },
  ],
  [
    'one property with two values',
    {
      properties: [
        { name: 'arch', value: 'x86' },
        { name: 'arch', value: 'arm' },
      ],
    },
  ],
  ['an empty property', { properties: [{ name: 'empty', value: '' }] }],
  ['a property name in another case', { properties: [{ name: 'ARCH', value: 'x86' }] }],
  ['a long property', { properties: [{ name: 'long', value: `${LONG}1` }] }],
  ['the beginning of a long property', { properties: [{ name: 'long', value: LONG }] }],
  ['a long property of wide characters', { properties: [{ name: 'long', value: '🐧'.repeat(100) }] }],
  ['a tag and a property of public images', { visibility: 'public', tags: ['red'] }],
  ['a name among private images', { visibility: 'private', oneOf: [{ column: 'name', values: ['ubuntu'] }] }],
]

const INTEGER_CASES: readonly Case[] = (
  [
    ['size', [-1, 0, 1, TIB, TIB + 1, 2 ** 53 - 1]],
    ['virtual_size', [0, 4096, 5 * TIB]],
    ['min_disk', [-1, 0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 53 - 1, -(2 ** 53 - 1)]],
    ['min_ram', [2, 3, 2 ** 40]],
  ] as const
).flatMap(([column, values]) =>
  values.flatMap((value) =>
    (['eq', 'gte', 'lte'] as const).map(
      (op): Case => [`${column} ${op} ${value}`, { integers: [{ column, op, value }] }],
    ),
  ),
)

const TIME_CASES: readonly Case[] = TIME_OPERATORS.flatMap((op) =>
  ['2026-05-01T12:00:01Z', '2026-05-01T14:00:01+02:00', '2026-05-01T12:00:01.500Z', '2026-05-01T12:00:02Z'].map(
    (value): Case => [`created_at ${op} ${value}`, { times: [{ column: 'created_at', op, value }] }],
  ),
)

describe.each(DATABASES)('filters of lists on $name', ({ create }) => {
  let registry: TestRegistry
  beforeAll(async () => {
    registry = await openRegistry(await create())
    await seed(registry.database, IMAGES)
  })
  afterAll(() => registry?.close())

  const faultsOf = async (cases: readonly Case[], caller: CallContext = member(PROJECT)): Promise<string[]> => {
    const nameOf = new Map(IMAGES.map((image) => [image.id, JSON.stringify(image).slice(0, 400)]))
    const faults: string[] = []
    for (const [name, over] of cases) {
      const query = listQuery(over)
      const found = await registry.rpc.listImages(caller, { query }).then(
        ({ images }) => images.map(({ id }) => id),
        (thrown: unknown) => [String(thrown)],
      )
      const expected = expectedImages(IMAGES, query, caller).map(({ id }) => id)
      if (JSON.stringify(found.sort()) !== JSON.stringify(expected.sort())) {
        const texts = (ids: string[]) => ids.map((id) => nameOf.get(id) ?? id).join('; ')
        const wrong = texts(found.filter((id) => !expected.includes(id)))
        faults.push(`${name}: wrongly found ${wrong}; missed ${texts(expected.filter((id) => !found.includes(id)))}`)
      }
    }
    return faults
  }

  it('texts are met to the byte', async () => expect(await faultsOf(TEXT_CASES)).toEqual([]))
  it('columns, tags and properties', async () => {
    expect(await faultsOf(CASES)).toEqual([])
    expect(await faultsOf(CASES, admin(null))).toEqual([])
  })
  it('numbers, larger than their column too', async () => expect(await faultsOf(INTEGER_CASES)).toEqual([]))
  it('times', async () => {
    expect(await faultsOf(TIME_CASES)).toEqual([])
    const updated: Partial<ImageQuery> = {
      times: [
        { column: 'updated_at', op: 'gte', value: '2026-05-01T12:00:05Z' },
        { column: 'updated_at', op: 'lt', value: '2026-05-01T12:00:06Z' },
      ],
    }
    expect(await faultsOf([['a span of updated_at', updated]])).toEqual([])
    const { images } = await registry.rpc.listImages(member(PROJECT), { query: listQuery(updated) })
    expect(images).toHaveLength(3)
  })
  it('what is no time is refused', async () => {
    const query = listQuery({ times: [{ column: 'created_at', op: 'gt', value: 'yesterday' }] })
    await expect(registry.rpc.listImages(member(PROJECT), { query })).rejects.toMatchObject({ code: 'BadRequest' })
  })

  it('blanks at the end of a text count', async () => {
    const caller = member()
    const images = ['blank', 'blank ', 'blank  '].map((text) =>
      seedImage(caller.projectId, { name: text, properties: { text }, tags: [text] }),
    )
    await seed(registry.database, images)
    for (const { id, name } of images) {
      const text = name ?? ''
      for (const over of [
        { oneOf: [{ column: 'name' as const, values: [text] }] },
        { tags: [text] },
        { properties: [{ name: 'text', value: text }] },
      ]) {
        const found = await registry.rpc.listImages(caller, { query: listQuery(over) })
        expect(found.images.map((image) => image.id)).toEqual([id])
      }
    }
  })

  it('rows removed from an image are met no more', async () => {
    const caller = member()
    const image = seedImage(caller.projectId, { tags: ['once'], properties: { once: 'here' } })
    await seed(registry.database, [image])
    for (const table of ['image_tags', 'image_properties']) {
      const text = `UPDATE ${table} SET deleted = TRUE WHERE image_id = ?`
      await registry.database.execute({ text, values: [image.id] })
    }
    for (const over of [{ tags: ['once'] }, { properties: [{ name: 'once', value: 'here' }] }]) {
      expect((await registry.rpc.listImages(caller, { query: listQuery(over) })).images).toEqual([])
    }
    const shown = await registry.rpc.getImage(caller, { imageId: image.id })
    expect({ tags: shown.tags, properties: shown.properties }).toEqual({ tags: [], properties: {} })
  })
})
