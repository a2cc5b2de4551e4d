import type { CallContext } from '@glance/shared/context'
import type { ImageQuery } from '@glance/shared/contracts/image'
import { GlanceError } from '@glance/shared/errors/error'
import { any, list, type Provider, raw, type Sql, sql } from './sql.ts'

/** Who lists: rules of the database level only, policy comes after. */
export interface ListCaller {
  readonly projectId: CallContext['projectId']
  readonly isAdmin: boolean
}

/** One source of a list. */
export interface Branch {
  readonly condition: Sql
  /** True when few rows meet it, so that it is better to sort them than to walk all images in order. */
  readonly isSelective: boolean
}

const SECOND_MS = 1_000
/** PostgreSQL's index of property values holds their first characters only. */
const INDEXED_CHARACTERS = 64

/** Conditions on rows of `images` called `i` that every image of a list meets, whoever asks (Images v2: list). */
export function filterConditions(query: ImageQuery, provider: Provider): Sql[] {
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
    ...query.tags.map(tagCondition),
    ...query.properties.map((property) => propertyCondition(property, provider)),
  ]
}

const COMPARISONS = { eq: '=', gte: '>=', lte: '<=' } as const

/**
 * Which images a caller's list is drawn from, as conditions of which each image meets at most one (Images v2:
 * visibility). Apart, each is a walk along an index in the order of the list; joined by OR they would be a scan.
 */
export function visibilityBranches(query: ImageQuery, caller: ListCaller): Branch[] {
  const few = isSelective(query)
  const branches = openBranches(query, caller).map((condition) => ({ condition, isSelective: few }))
  const { projectId } = caller
  const isMemberSource = query.visibility === undefined || query.visibility === 'all' || query.visibility === 'shared'
  if (caller.isAdmin || projectId === null || !isMemberSource) return branches
  return [...branches, { condition: sharedWith(projectId, query.memberStatus), isSelective: true }]
}

/** True when a filter names what is in an index and rare. */
function isSelective(query: ImageQuery): boolean {
  const byName = query.oneOf.some(({ column }) => column === 'id' || column === 'name')
  const byDigest = query.equals.some(({ column }) => column === 'checksum' || column === 'os_hash_value')
  return byName || byDigest || query.tags.length > 0 || query.properties.length > 0
}

/**
 * SQLite walks images in the order of the list whenever an index gives it, however rare what it looks for: a plus sign
 * forbids it an index (https://www.sqlite.org/optoverview.html). The other databases count before they choose.
 */
export function withoutIndexes(condition: Sql): Sql {
  return { ...condition, text: condition.text.replace(/\bi\.(deleted|os_hidden|visibility|owner)\b/g, '+i.$1') }
}

/** The sources that depend on the image's row alone. */
function openBranches(query: ImageQuery, caller: ListCaller): Sql[] {
  const wanted = query.visibility
  if (caller.isAdmin) return [adminCondition(wanted, caller.projectId)]
  const everybody = (visibility: 'public' | 'community') => sql`i.visibility = ${visibility}`
  if (wanted === 'public' || wanted === 'community') return [everybody(wanted)]
  const open = wanted === undefined ? (['public'] as const) : (['public', 'community'] as const)
  const branches = wanted === undefined || wanted === 'all' ? open.map(everybody) : []
  const { projectId } = caller
  if (projectId === null) return branches
  if (wanted === 'private' || wanted === 'shared') {
    branches.push(sql`i.owner = ${projectId} AND i.visibility = ${wanted}`)
  } else {
    branches.push(sql`i.owner = ${projectId} AND i.visibility NOT IN ${list(open)}`)
  }
  return branches
}

function adminCondition(wanted: ImageQuery['visibility'], projectId: string | null): Sql {
  if (wanted === 'all') return raw('TRUE')
  if (wanted !== undefined) return sql`i.visibility = ${wanted}`
  const uncommon = raw("i.visibility <> 'community'")
  return projectId === null ? uncommon : any([uncommon, sql`i.owner = ${projectId}`])
}

function sharedWith(projectId: string, status: ImageQuery['memberStatus']): Sql {
  const answered = status === 'all' ? raw('') : sql` AND m.status = ${status}`
  return sql`i.visibility = 'shared' AND (i.owner IS NULL OR i.owner <> ${projectId}) AND i.id IN (
    SELECT m.image_id FROM image_members m WHERE m.member = ${projectId} AND m.deleted = FALSE${answered})`
}

/**
 * PostgreSQL takes the parameter for a number of the column's type, and refuses one that is too large for it. No column
 * holds more than a number can count exactly.
 */
function integerCondition({ column, op, value }: ImageQuery['integers'][number], provider: Provider): Sql {
  const bounded = Math.max(Number.MIN_SAFE_INTEGER, Math.min(value, Number.MAX_SAFE_INTEGER))
  const parameter = provider === 'postgresql' ? sql`CAST(${bounded} AS BIGINT)` : sql`${bounded}`
  return sql`${raw(`i.${column} ${COMPARISONS[op]}`)} ${parameter}`
}

function tagCondition(tag: string): Sql {
  return sql`i.id IN (SELECT t.image_id FROM image_tags t WHERE t.value = ${tag} AND t.deleted = FALSE)`
}

function propertyCondition({ name, value }: { name: string; value: string }, provider: Provider): Sql {
  const indexed = [...value].slice(0, INDEXED_CHARACTERS).join('')
  const prefix =
    provider === 'postgresql' ? sql` AND left(p.value, ${raw(String(INDEXED_CHARACTERS))}) = ${indexed}` : raw('')
  return sql`i.id IN (SELECT p.image_id FROM image_properties p
    WHERE p.name = ${name}${prefix} AND p.value = ${value} AND p.deleted = FALSE)`
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
