import type { Image, ImageStatus, Location, Visibility } from '@glance/shared/contracts/image'
import type { Row } from './client.ts'
import { type Provider, raw, type Sql, sql } from './sql.ts'

/** An image with what is told of it to the caller's project. */
export interface StoredImage {
  readonly image: Image
  /** True when the image is shared with the caller's project, whatever its answer was; other visibilities have no members. */
  readonly isMember: boolean
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
]

/**
 * How each database gathers rows into one JSON object; no rows come as NULL or as an empty object. Tags and locations
 * are objects too, of tag to 1 and of row id to [url, metadata]: MariaDB gathers arrays through a table on disk, which
 * makes the whole query 2.6 times as slow.
 */
const GATHER: Readonly<Record<Provider, { properties: string; tags: string; locations: string }>> = {
  sqlite: {
    properties: 'json_group_object(p.name, p.value)',
    tags: 'json_group_object(t.value, 1)',
    locations: "json_group_object(l.id || '', json_array(l.value, l.meta_data))",
  },
  mysql: {
    properties: 'JSON_OBJECTAGG(p.name, p.value)',
    tags: 'JSON_OBJECTAGG(t.value, 1)',
    locations: 'JSON_OBJECTAGG(l.id, JSON_ARRAY(l.value, l.meta_data))',
  },
  postgresql: {
    properties: 'json_object_agg(p.name, p.value)::text',
    tags: 'json_object_agg(t.value, 1)::text',
    locations: 'json_object_agg(l.id, json_build_array(l.value, l.meta_data))::text',
  },
}

/**
 * The columns that `toStoredImage` reads, of rows of `images` called `i`. Properties, tags and locations come along as
 * JSON, so that an image is one row and a page one round trip.
 */
export function imageColumns(provider: Provider, projectId: string | null): Sql {
  const { properties, tags, locations } = GATHER[provider]
  const own = COLUMNS.map((column) => `i.${column}`).join(', ')
  const gathered = `
    (SELECT ${properties} FROM image_properties p WHERE p.image_id = i.id AND p.deleted = FALSE) AS properties,
    (SELECT ${tags} FROM image_tags t WHERE t.image_id = i.id AND t.deleted = FALSE) AS tags,
    (SELECT ${locations} FROM image_locations l
      WHERE l.image_id = i.id AND l.deleted = FALSE AND l.status = 'active') AS locations`
  return sql`${raw(`${own},${gathered}`)}, ${memberStatus(projectId)} AS member_status`
}

/** What the caller's project answered to the offer of image `i`; NULL when it is no member. */
export function memberStatus(projectId: string | null): Sql {
  if (projectId === null) return raw('NULL')
  return sql`(SELECT m.status FROM image_members m
    WHERE m.image_id = i.id AND m.member = ${projectId} AND m.deleted = FALSE)`
}

/** Reads a row of `imageColumns`. Locations come oldest first. */
export function toStoredImage(row: Row): StoredImage {
  const image: Image = {
    id: String(row[0]),
    name: textOrNull(row[1]),
    status: String(row[2]) as ImageStatus,
    visibility: String(row[3]) as Visibility,
    protected: Number(row[4]) === 1,
    os_hidden: Number(row[5]) === 1,
    owner: textOrNull(row[6]),
    disk_format: textOrNull(row[7]),
    container_format: textOrNull(row[8]),
    min_disk: Number(row[9]),
    min_ram: Number(row[10]),
    size: numberOrNull(row[11]),
    virtual_size: numberOrNull(row[12]),
    checksum: textOrNull(row[13]),
    os_hash_algo: textOrNull(row[14]),
    os_hash_value: textOrNull(row[15]),
    created_at: wholeSeconds(row[16]),
    updated_at: wholeSeconds(row[17]),
    properties: JSON.parse(String(row[18] ?? '{}')) as Image['properties'],
    tags: Object.keys(JSON.parse(String(row[19] ?? '{}')) as object),
    locations: toLocations(row[20]),
  }
  return { image, isMember: isShared(image.visibility, row[21]) }
}

/** Member rows of an image that is not shared lie dormant until it is again. */
export function isShared(visibility: Visibility, status: unknown): boolean {
  return visibility === 'shared' && status !== null
}

/** Keys that are numbers come in ascending order, so the oldest location is first. */
function toLocations(json: unknown): Location[] {
  if (json === null || json === '{}') return []
  const rows = JSON.parse(String(json)) as Record<string, [string, string | null]>
  return Object.values(rows).map(([url, metadata]) => ({ url, metadata: parseMetadata(metadata) }))
}

/** The metadata of a location; an empty or missing text stands for none (Images v2: import notes). */
export function parseMetadata(text: string | null): Location['metadata'] {
  return text === null || text === '' ? {} : (JSON.parse(text) as Location['metadata'])
}

/** A time as the API shows it: UTC, whole seconds. The databases keep milliseconds, so that order is kept too. */
export function wholeSeconds(time: unknown): string {
  const text = typeof time === 'number' ? new Date(time).toISOString() : String(time)
  return `${text.slice(0, 19)}Z`
}

function textOrNull(value: unknown): string | null {
  return value === null ? null : String(value)
}

/** Sizes come as text where the driver keeps all 64 bits; ours stay below 2^53. */
function numberOrNull(value: unknown): number | null {
  return value === null ? null : Number(value)
}
