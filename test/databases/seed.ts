import { randomUUID } from 'node:crypto'
import type { Database } from '@glance/registry/db/client'
import { join, type Sql, sql, type Value } from '@glance/registry/db/sql'
import type { ImageStatus, Visibility } from '@glance/shared/contracts/image'

/** A row of `images` with what hangs on it, as a test wants it found. */
export interface SeedImage {
  readonly id: string
  readonly name: string | null
  readonly status: ImageStatus
  readonly visibility: Visibility
  readonly protected: boolean
  readonly os_hidden: boolean
  readonly owner: string | null
  readonly disk_format: string | null
  readonly container_format: string | null
  readonly min_disk: number
  readonly min_ram: number
  readonly size: number | null
  readonly virtual_size: number | null
  readonly checksum: string | null
  readonly os_hash_algo: string | null
  readonly os_hash_value: string | null
  readonly created_at: Date
  readonly updated_at: Date
  readonly deleted: boolean
  readonly tags: readonly string[]
  readonly properties: Readonly<Record<string, string | null>>
  /** Project ids and what each answered to the offer. */
  readonly members: Readonly<Record<string, 'pending' | 'accepted' | 'rejected'>>
  readonly locations: readonly { readonly url: string; readonly store: string }[]
}

const EPOCH = Date.UTC(2026, 0, 1)

/** An image of a project, queued and shared as after a bare create, changed by `over`. */
export function seedImage(owner: string | null, over: Partial<SeedImage> = {}): SeedImage {
  return {
    id: randomUUID(),
    name: null,
    status: 'queued',
    visibility: 'shared',
    protected: false,
    os_hidden: false,
    owner,
    disk_format: null,
    container_format: null,
    min_disk: 0,
    min_ram: 0,
    size: null,
    virtual_size: null,
    checksum: null,
    os_hash_algo: null,
    os_hash_value: null,
    created_at: new Date(EPOCH),
    updated_at: new Date(EPOCH),
    deleted: false,
    tags: [],
    properties: {},
    members: {},
    locations: [],
    ...over,
  }
}

/** An image with data in a store. */
export function seedActive(owner: string | null, over: Partial<SeedImage> = {}): SeedImage {
  const id = over.id ?? randomUUID()
  return seedImage(owner, {
    id,
    status: 'active',
    disk_format: 'raw',
    container_format: 'bare',
    size: 512,
    virtual_size: 512,
    checksum: '0'.repeat(32),
    os_hash_algo: 'sha512',
    os_hash_value: '0'.repeat(128),
    locations: [{ url: `file:///data/${id}`, store: 'main' }],
    ...over,
  })
}

const COLUMNS = [
  'id',
  'name',
  'status',
  'visibility',
  'protected',
  'os_hidden',
  'owner',
  'disk_format',
  'container_format',
  'min_disk',
  'min_ram',
  'size',
  'virtual_size',
  'checksum',
  'os_hash_algo',
  'os_hash_value',
  'created_at',
  'updated_at',
  'deleted',
] as const satisfies readonly (keyof SeedImage)[]

/** Writes images straight into the tables, past every rule of the registry. */
export async function seed(database: Database, images: readonly SeedImage[]): Promise<void> {
  const now = new Date(EPOCH)
  await insert(
    database,
    `images (${COLUMNS.join(', ')})`,
    images.map((image) => COLUMNS.map((column) => image[column])),
  )
  await insert(
    database,
    'image_tags (image_id, value, created_at, updated_at)',
    images.flatMap(({ id, tags }) => tags.map((tag) => [id, tag, now, now])),
  )
  await insert(
    database,
    'image_properties (image_id, name, value, created_at, updated_at)',
    images.flatMap(({ id, properties }) =>
      Object.entries(properties).map(([name, value]) => [id, name, value, now, now]),
    ),
  )
  await insert(
    database,
    'image_members (image_id, member, status, created_at, updated_at)',
    images.flatMap(({ id, members }) =>
      Object.entries(members).map(([member, status]) => [id, member, status, now, now]),
    ),
  )
  await insert(
    database,
    'image_locations (image_id, value, meta_data, store, created_at, updated_at)',
    images.flatMap(({ id, locations }) =>
      locations.map(({ url, store }) => [id, url, JSON.stringify({ store }), store, now, now]),
    ),
  )
}

async function insert(database: Database, into: string, rows: readonly (readonly Value[])[]): Promise<void> {
  if (rows.length === 0) return
  const tuples = rows.map((row): Sql => ({ text: `(${row.map(() => '?').join(', ')})`, values: row }))
  const head: Sql = { text: `INSERT INTO ${into} VALUES `, values: [] }
  await database.execute(sql`${head}${join(tuples, ', ')}`)
}
