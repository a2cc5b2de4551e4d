import type { Image, ImageQuery, Visibility } from '@glance/shared/contracts/image'
import { GlanceError, isCode } from '@glance/shared/errors/error'
import type { Database, Statement } from './client.ts'
import { findFilters } from './image-filters.ts'
import { afterMarker, markerColumns, markerValues, orderBy, sortTerms } from './image-order.ts'
import { imageColumns, isShared, memberStatus, type StoredImage, toStoredImage } from './image-row.ts'
import { type Branch, type ListCaller, visibilityBranches, withHints } from './image-where.ts'
import { all, join, type Provider, raw, type Sql, sql } from './sql.ts'

/** An image by its id, in either case, deleted ones left out; undefined when there is none. One round trip. */
export async function findImage(
  database: Database,
  id: string,
  projectId: string | null,
): Promise<StoredImage | undefined> {
  const columns = imageColumns(database.provider, projectId)
  const [row] = await database.query(
    sql`SELECT ${columns} FROM images i WHERE i.id = ${id.toLowerCase()} AND i.deleted = FALSE`,
  )
  return row === undefined ? undefined : toStoredImage(row)
}

/** An image to insert; what is not said here is not known yet. */
export type NewImageRow = Pick<
  Image,
  | 'id'
  | 'name'
  | 'status'
  | 'visibility'
  | 'protected'
  | 'os_hidden'
  | 'owner'
  | 'disk_format'
  | 'container_format'
  | 'min_disk'
  | 'min_ram'
  | 'tags'
  | 'properties'
> & { readonly createdAt: Date }

/**
 * Inserts an image with its properties and tags: three statements whatever their number. Throws Duplicate when the id
 * is taken, also by a deleted image.
 */
export async function insertImage(database: Database, image: NewImageRow): Promise<void> {
  const { createdAt: now } = image
  const id = image.id.toLowerCase()
  const properties = Object.entries(image.properties).map(
    ([name, value]) => sql`(${id}, ${name}, ${value}, ${now}, ${now}, FALSE)`,
  )
  const tags = image.tags.map((tag) => sql`(${id}, ${tag}, ${now}, ${now}, FALSE)`)
  const statements: Statement[] = [{ sql: imageInsert(image) }]
  if (properties.length > 0) {
    statements.push({
      sql: sql`INSERT INTO image_properties (image_id, name, value, created_at, updated_at, deleted)
        VALUES ${join(properties, ', ')}`,
    })
  }
  if (tags.length > 0) {
    statements.push({
      sql: sql`INSERT INTO image_tags (image_id, value, created_at, updated_at, deleted) VALUES ${join(tags, ', ')}`,
    })
  }
  try {
    await database.batch(statements)
  } catch (thrown) {
    if (!isCode(thrown, 'Duplicate')) throw thrown
    throw new GlanceError('Duplicate', `Image ID ${id} already exists!`, { cause: thrown })
  }
}

function imageInsert(image: NewImageRow): Sql {
  return sql`INSERT INTO images (id, name, status, visibility, protected, os_hidden, owner, disk_format,
      container_format, min_disk, min_ram, created_at, updated_at, deleted)
    VALUES (${image.id.toLowerCase()}, ${image.name}, ${image.status}, ${image.visibility}, ${image.protected},
      ${image.os_hidden}, ${image.owner}, ${image.disk_format}, ${image.container_format}, ${image.min_disk},
      ${image.min_ram}, ${image.createdAt}, ${image.createdAt}, FALSE)`
}

/** What the place of a marker depends on. */
export interface Marker {
  readonly owner: string | null
  readonly visibility: Visibility
  readonly isMember: boolean
  /** True of rows that come after it. */
  readonly after: Sql
}

/** The image from which a page goes on, in either case; undefined when it is unknown or deleted. */
export async function findMarker(
  database: Database,
  query: ImageQuery,
  projectId: string | null,
): Promise<Marker | undefined> {
  const terms = sortTerms(query.sort)
  const [row] = await database.query(sql`
    SELECT i.owner, i.visibility, ${memberStatus(projectId)} AS member_status, ${markerColumns(terms)}
    FROM images i WHERE i.id = ${(query.marker ?? '').toLowerCase()} AND i.deleted = FALSE`)
  if (row === undefined) return undefined
  const [owner, visibility, member, ...keys] = row
  return {
    owner: owner === null ? null : String(owner),
    visibility: visibility as Visibility,
    isMember: isShared(visibility as Visibility, member),
    after: afterMarker(terms, markerValues(terms, keys)),
  }
}

/** One page of a list in its order. One round trip, two when it is filtered by tags or properties. */
export async function listImages(
  database: Database,
  query: ImageQuery,
  options: { readonly caller: ListCaller; readonly after?: Sql | undefined },
): Promise<StoredImage[]> {
  if (query.limit === 0) return []
  const { provider } = database
  const { caller, after } = options
  const { conditions, hasRareAttribute } = await findFilters(database, query)
  const page = pageOf(visibilityBranches(query, caller, hasRareAttribute), {
    provider,
    conditions: [...conditions, ...(after === undefined ? [] : [after])],
    order: orderBy(sortTerms(query.sort), provider),
    limit: query.limit,
  })
  if (page === undefined) return []
  const rows = await database.query(sql`
    SELECT ${imageColumns(provider, caller.projectId)} FROM (${page}) i
    ORDER BY ${orderBy(sortTerms(query.sort), provider)}`)
  return rows.map(toStoredImage)
}

/** The rows of the page, found before their properties are gathered. No image meets two branches. */
function pageOf(
  branches: readonly Branch[],
  { provider, conditions, order, limit }: { provider: Provider; conditions: readonly Sql[]; order: Sql; limit: number },
): Sql | undefined {
  const tail = sql`ORDER BY ${order} LIMIT ${limit}`
  const selects = branches.map(
    ({ condition, walk }) =>
      sql`SELECT i.* FROM images i WHERE ${withHints(all([condition, ...conditions]), walk, provider)} ${tail}`,
  )
  const [only] = selects
  if (only === undefined || selects.length === 1) return only
  const union = join(
    selects.map((select, index) => sql`SELECT * FROM (${select}) ${raw(`b${index}`)}`),
    ' UNION ALL ',
  )
  return sql`SELECT i.* FROM (${union}) i ${tail}`
}
