import type { Location } from '@glance/shared/contracts/image'
import type { Database } from './client.ts'
import { parseMetadata } from './image-row.ts'
import { list, sql, type Value } from './sql.ts'

export interface StoredLocation {
  readonly imageId: string
  readonly location: Location
  readonly size: number | null
}

/** Values in one statement; each database takes more. */
const CHUNK = 500

/** Active locations of a store after the cursor, which is a row's number. */
export async function locationsOf(
  database: Database,
  store: string,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<{ locations: StoredLocation[]; last: number | undefined }> {
  const rows = await database.query(sql`
    SELECT l.id, l.image_id, l.value, l.meta_data, i.size
    FROM image_locations l JOIN images i ON i.id = l.image_id
    WHERE l.store = ${store} AND l.deleted = FALSE AND l.status = 'active' AND l.id > ${after}
    ORDER BY l.id LIMIT ${limit}`)
  const locations = rows.map(([, imageId, url, metadata, size]) => ({
    imageId: String(imageId),
    location: { url: String(url), metadata: parseMetadata(metadata === null ? null : String(metadata)) },
    size: size === null ? null : Number(size),
  }))
  const last = rows.at(-1)?.[0]
  return { locations, last: last === undefined ? undefined : Number(last) }
}

/** Those of the URLs that some location of any image still names. */
export async function urlsInUse(database: Database, urls: readonly string[]): Promise<Set<string>> {
  return inChunks(urls, (some) =>
    database.query(sql`SELECT value FROM image_locations WHERE value IN ${list(some)} AND deleted = FALSE`),
  )
}

/** Those of the images to which bytes are on their way into the store. */
export async function imagesInTransfer(
  database: Database,
  store: string,
  imageIds: readonly string[],
): Promise<Set<string>> {
  return inChunks(imageIds, (some) =>
    database.query(sql`SELECT image_id FROM transfers
      WHERE image_id IN ${list(some)} AND store = ${store} AND state = 'live'`),
  )
}

async function inChunks(
  values: readonly string[],
  query: (some: [Value, ...Value[]]) => Promise<readonly (readonly unknown[])[]>,
): Promise<Set<string>> {
  const found = new Set<string>()
  for (let start = 0; start < values.length; start += CHUNK) {
    const [first, ...rest] = values.slice(start, start + CHUNK)
    if (first === undefined) break
    for (const [value] of await query([first, ...rest])) found.add(String(value))
  }
  return found
}
