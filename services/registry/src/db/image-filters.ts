import type { ImageQuery } from '@glance/shared/contracts/image'
import { GlanceError } from '@glance/shared/errors/error'
import type { Database } from './client.ts'
import { any, join, type Provider, raw, type Sql, sql } from './sql.ts'

const SECOND_MS = 1_000
/** PostgreSQL's index of property values holds their first characters only. */
const INDEXED_CHARACTERS = 64
/** Rows up to which it is better to fetch all images that have a tag or property than to try images in order. */
const FEW = 1_000

/** What a query filters by, beside the row of the image itself. */
interface Attribute {
  /** Rows of images that have it, as the part of a SELECT after its columns. */
  readonly rows: Sql
  /** Column of the image's id in these rows. */
  readonly imageId: string
}

/** The filters of a query as conditions on rows of `images` called `i`. */
export interface Filters {
  readonly conditions: readonly Sql[]
  /** True when one of them names a tag or property that few images have. */
  readonly hasRareAttribute: boolean
}

/**
 * The conditions that every image of a list meets, whoever asks (Images v2: list). Queries for tags or properties cost
 * a round trip of their own, which counts how common each is: no database guesses that well from its statistics.
 */
export async function findFilters(database: Database, query: ImageQuery): Promise<Filters> {
  const { provider } = database
  const attributes = [...query.tags.map(tagged), ...query.properties.map((each) => withProperty(each, provider))]
  const counts = await countFew(database, attributes)
  return {
    conditions: [
      ...ownConditions(query, provider),
      ...attributes.map((attribute, index) => has(attribute, provider, (counts[index] ?? 0) < FEW)),
    ],
    hasRareAttribute: counts.some((count) => count < FEW),
  }
}

function ownConditions(query: ImageQuery, provider: Provider): Sql[] {
  return [
    raw('i.deleted = FALSE'),
    raw("i.status <> 'killed'"),
    sql`i.os_hidden = ${query.hidden}`,
    ...(query.protected === undefined ? [] : [sql`i.protected = ${query.protected}`]),
    ...query.oneOf.map(({ column, values }) => {
      const wanted = column === 'id' ? values.map((value) => value.toLowerCase()) : values
      return any(wanted.map((value) => sql`${raw(`i.${column}`)} = ${value}`))
    }),
    ...query.equals.map(({ column, value }) => sql`${raw(`i.${column}`)} = ${value}`),
    ...query.integers.map((condition) => integerCondition(condition, provider)),
    ...query.times.map(({ column, op, value }) => timeCondition(raw(`i.${column}`), op, value)),
  ]
}

function tagged(tag: string): Attribute {
  return { rows: sql`FROM image_tags a WHERE a.value = ${tag} AND a.deleted = FALSE`, imageId: 'a.image_id' }
}

function withProperty({ name, value }: { name: string; value: string }, provider: Provider): Attribute {
  const indexed = [...value].slice(0, INDEXED_CHARACTERS).join('')
  const prefix =
    provider === 'postgresql' ? sql` AND left(a.value, ${raw(String(INDEXED_CHARACTERS))}) = ${indexed}` : raw('')
  return {
    rows: sql`FROM image_properties a WHERE a.name = ${name}${prefix} AND a.value = ${value} AND a.deleted = FALSE`,
    imageId: 'a.image_id',
  }
}

/** How many rows each attribute has, counted no further than matters. One round trip, none without attributes. */
async function countFew(database: Database, attributes: readonly Attribute[]): Promise<number[]> {
  if (attributes.length === 0) return []
  const counts = attributes.map(
    ({ rows }, index) => sql`(SELECT COUNT(*) FROM (SELECT 1 AS one ${rows} LIMIT ${FEW}) ${raw(`c${index}`)})`,
  )
  const [row] = await database.query(sql`SELECT ${join(counts, ', ')}`)
  return (row ?? []).map(Number)
}

/** Images with a rare attribute are fetched by it; of a common one each image in turn is asked. */
function has({ rows, imageId }: Attribute, provider: Provider, isRare: boolean): Sql {
  if (isRare) return sql`i.id IN (SELECT ${raw(imageId)} ${rows})`
  // Without the OFFSET PostgreSQL turns this into the join that is to be avoided.
  const fence = provider === 'postgresql' ? raw(' OFFSET 0') : raw('')
  return sql`EXISTS (SELECT 1 ${rows} AND ${raw(imageId)} = i.id${fence})`
}

const COMPARISONS = { eq: '=', gte: '>=', lte: '<=' } as const

/**
 * PostgreSQL takes the parameter for a number of the column's type, and refuses one that is too large for it. No column
 * holds more than a number can count exactly.
 */
function integerCondition({ column, op, value }: ImageQuery['integers'][number], provider: Provider): Sql {
  const bounded = Math.max(Number.MIN_SAFE_INTEGER, Math.min(value, Number.MAX_SAFE_INTEGER))
  const parameter = provider === 'postgresql' ? sql`CAST(${bounded} AS BIGINT)` : sql`${bounded}`
  return sql`${raw(`i.${column} ${COMPARISONS[op]}`)} ${parameter}`
}

/**
 * Compares times as clients see them: whole seconds. Throws BadRequest for what is no time. A moment within a second
 * lies after all images of that second and before those of the next.
 */
function timeCondition(column: Sql, op: ImageQuery['times'][number]['op'], value: string): Sql {
  const moment = Date.parse(value)
  if (Number.isNaN(moment)) throw new GlanceError('BadRequest', `'${value}' is not an ISO 8601 time.`)
  const isWhole = moment % SECOND_MS === 0
  const second = new Date(Math.floor(moment / SECOND_MS) * SECOND_MS)
  const next = new Date(second.getTime() + SECOND_MS)
  switch (op) {
    case 'gt':
      return sql`${column} >= ${next}`
    case 'gte':
      return sql`${column} >= ${isWhole ? second : next}`
    case 'lt':
      return sql`${column} < ${isWhole ? second : next}`
    case 'lte':
      return sql`${column} < ${next}`
    case 'eq':
      return isWhole ? sql`${column} >= ${second} AND ${column} < ${next}` : raw('FALSE')
    case 'neq':
      return isWhole ? sql`(${column} < ${second} OR ${column} >= ${next})` : raw('TRUE')
  }
}
