import type { ImageQuery, SortKey } from '@glance/shared/contracts/image'
import type { Row } from './client.ts'
import { all, any, join, type Provider, raw, type Sql, sql, type Value } from './sql.ts'

/** One key of an order; NULL counts as smaller than any value, in every database. */
export interface SortTerm {
  readonly key: SortKey
  readonly dir: 'asc' | 'desc'
}

const NULLABLE: ReadonlySet<SortKey> = new Set(['name', 'container_format', 'disk_format', 'size'])
const TIMES: ReadonlySet<SortKey> = new Set(['created_at', 'updated_at'])

/**
 * The whole order of a list: the keys asked for, created_at when there are none, then created_at and id so that no two
 * images tie. These follow the direction of the keys when all of them agree, else they go down (Images v2: list).
 */
export function sortTerms(sort: ImageQuery['sort']): SortTerm[] {
  const first = sort[0]?.dir ?? 'desc'
  const tieDir = sort.every(({ dir }) => dir === first) ? first : 'desc'
  const terms = new Map<SortKey, SortTerm>()
  for (const term of sort) if (!terms.has(term.key)) terms.set(term.key, term)
  for (const key of ['created_at', 'id'] as const) if (!terms.has(key)) terms.set(key, { key, dir: tieDir })
  // Nothing after the id can matter.
  const keys = [...terms.values()]
  return keys.slice(0, keys.findIndex(({ key }) => key === 'id') + 1)
}

/** ORDER BY of rows called `i`. */
export function orderBy(terms: readonly SortTerm[], provider: Provider): Sql {
  return raw(
    terms
      .map(({ key, dir }) => {
        // Said only where the database would put NULL at the other end: an index keeps its use.
        const nulls = dir === 'asc' ? ' NULLS FIRST' : ' NULLS LAST'
        return `i.${key} ${dir.toUpperCase()}${provider === 'postgresql' && NULLABLE.has(key) ? nulls : ''}`
      })
      .join(', '),
  )
}

/** Columns of the marker that `afterMarker` compares with, of rows called `i`. */
export function markerColumns(terms: readonly SortTerm[]): Sql {
  return join(
    terms.map(({ key }) => raw(`i.${key}`)),
    ', ',
  )
}

/** The values of a row of `markerColumns`. */
export function markerValues(terms: readonly SortTerm[], row: Row): Value[] {
  return terms.map(({ key }, index) => {
    const value = row[index]
    if (value === null || value === undefined) return null
    if (TIMES.has(key)) return new Date(value as string | number)
    return key === 'size' ? Number(value) : String(value)
  })
}

/** True of rows that come after the marker: greater in the first key in which they differ. */
export function afterMarker(terms: readonly SortTerm[], values: readonly Value[]): Sql {
  const greater = terms.flatMap((term, index) => {
    const beyond = beyondValue(term, values[index] ?? null)
    if (beyond === undefined) return []
    const same = terms.slice(0, index).map((each, at) => equalTo(each, values[at] ?? null))
    return [all([...same, beyond])]
  })
  const bound = firstBound(terms, values)
  return all([...(bound === undefined ? [] : [bound]), any(greater)])
}

function equalTo({ key }: SortTerm, value: Value): Sql {
  return value === null ? raw(`i.${key} IS NULL`) : sql`${raw(`i.${key}`)} = ${value}`
}

function beyondValue({ key, dir }: SortTerm, value: Value): Sql | undefined {
  if (dir === 'asc') return value === null ? raw(`i.${key} IS NOT NULL`) : sql`${raw(`i.${key}`)} > ${value}`
  if (value === null) return undefined
  const below = sql`${raw(`i.${key}`)} < ${value}`
  return NULLABLE.has(key) ? any([below, raw(`i.${key} IS NULL`)]) : below
}

/** Implied by the rest, but in a form from which each database sees where in an index to begin. */
function firstBound([first]: readonly SortTerm[], [value]: readonly Value[]): Sql | undefined {
  if (first === undefined || value === null || value === undefined) return undefined
  if (first.dir === 'asc') return sql`${raw(`i.${first.key}`)} >= ${value}`
  return NULLABLE.has(first.key) ? undefined : sql`${raw(`i.${first.key}`)} <= ${value}`
}
