import {
  type ImageQuery,
  IN_COLUMNS,
  INTEGER_COLUMNS,
  TEXT_COLUMNS,
  TIME_OPERATORS,
} from '@glance/shared/contracts/image'
import { GlanceError } from '@glance/shared/errors/error'
import { parseInList } from './in-list.ts'
import { parseIsoTime } from './iso-time.ts'

type InColumn = (typeof IN_COLUMNS)[number]
type IntegerCondition = ImageQuery['integers'][number]
type TimeCondition = ImageQuery['times'][number]

const INTEGER = /^\s*[+-]?\d+\s*$/
/** Filters whose names mean something here, but nothing that could be asked for. */
const REFUSED = new Set(['changes-since', 'properties', 'locations'])
const BOUND = /^(.+)_(min|max)$/

/** The conditions of a list request that compare a column or a property. */
export type Filters = Pick<ImageQuery, 'oneOf' | 'equals' | 'integers' | 'times' | 'properties'>

/**
 * Adds one filter parameter to the conditions (Images v2 contract: list). What names no column is a custom property.
 * Throws BadRequest naming the filter and its rule.
 */
export function addFilter(filters: Filters, name: string, value: string): void {
  if (REFUSED.has(name)) throw new GlanceError('BadRequest', `Images cannot be filtered by ${name}.`)
  const bound = BOUND.exec(name)
  if (isIn(IN_COLUMNS, name)) filters.oneOf.push({ column: name, values: acceptedValues(name, value) })
  else if (isIn(TEXT_COLUMNS, name)) filters.equals.push({ column: name, value })
  else if (isIn(INTEGER_COLUMNS, name)) filters.integers.push(integer(name, 'eq', { name, value }))
  else if (name === 'created_at' || name === 'updated_at') filters.times.push(time(name, value))
  else if (bound !== null) filters.integers.push(integerBound(bound, { name, value }))
  else filters.properties.push({ name, value })
}

function isIn<const T extends readonly string[]>(names: T, name: string): name is T[number] {
  return names.includes(name)
}

/** `value`, `eq:value` or `in:v1,v2`; a time of day after a date is no operator. */
function acceptedValues(name: InColumn, value: string): string[] {
  const colon = value.indexOf(':')
  if (colon < 0 || parseIsoTime(value) !== undefined) return [value]
  const operator = value.slice(0, colon)
  const operand = value.slice(colon + 1)
  if (operator === 'eq') return [operand]
  if (operator === 'in') return parseInList(name, operand)
  throw new GlanceError(
    'BadRequest',
    `The filter ${name} knows the operators eq and in, not '${operator.slice(0, 100)}'.`,
  )
}

function integerBound(bound: RegExpExecArray, filter: { name: string; value: string }): IntegerCondition {
  const [, column = '', side] = bound
  if (!isIn(INTEGER_COLUMNS, column)) {
    throw new GlanceError('BadRequest', `Images cannot be filtered by ${filter.name.slice(0, 100)}.`)
  }
  return integer(column, side === 'min' ? 'gte' : 'lte', filter)
}

function integer(
  column: IntegerCondition['column'],
  op: IntegerCondition['op'],
  filter: { name: string; value: string },
): IntegerCondition {
  const value = Number(filter.value)
  if (!INTEGER.test(filter.value) || !Number.isSafeInteger(value)) {
    throw new GlanceError('BadRequest', `The filter ${filter.name} must be an integer.`)
  }
  return { column, op, value }
}

function time(column: TimeCondition['column'], text: string): TimeCondition {
  const plain = parseIsoTime(text)
  if (plain !== undefined) return { column, op: 'eq', value: plain }
  const colon = text.indexOf(':')
  const operator = TIME_OPERATORS.find((each) => each === text.slice(0, Math.max(colon, 0)))
  const value = operator === undefined ? undefined : parseIsoTime(text.slice(colon + 1))
  if (operator === undefined || value === undefined) {
    throw new GlanceError(
      'BadRequest',
      `The filter ${column} must be an ISO 8601 time, after one of ${TIME_OPERATORS.join(', ')} and a colon or alone.`,
    )
  }
  return { column, op: operator, value }
}
