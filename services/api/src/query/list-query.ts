import { type ImageQuery, UUID_PATTERN, VISIBILITIES } from '@glance/shared/contracts/image'
import { GlanceError } from '@glance/shared/errors/error'
import type { QueryPair } from '../http/query-string.ts'
import { addFilter, type Filters } from './filters.ts'
import { parseSort } from './sort.ts'

/** What the configuration says about pages. */
export interface PageLimits {
  readonly limitDefault: number
  readonly limitMax: number
}

const VISIBILITY_CHOICES = [...VISIBILITIES, 'all'] as const
const MEMBER_STATUSES = ['pending', 'accepted', 'rejected', 'all'] as const
/** Each condition costs the database a join; nobody needs more of them. */
const MAX_CONDITIONS = 64
const UUID = new RegExp(UUID_PATTERN)
const COUNT = /^\s*\+?\d+\s*$/

/** Parameters that say how to list; every other one is a filter. Where one is repeated, the last counts. */
interface Controls {
  limit?: string
  marker?: string
  sort?: string
  visibility?: string
  member_status?: string
  os_hidden?: string
  protected?: string
}
const CONTROL_NAMES = ['limit', 'marker', 'sort', 'visibility', 'member_status', 'os_hidden', 'protected'] as const

/**
 * A list request from its parameters (Images v2 contract: list). Throws BadRequest naming the parameter and rule.
 */
export function parseListQuery(pairs: readonly QueryPair[], limits: PageLimits): ImageQuery {
  const { controls, keys, dirs, tags, filters } = sortOut(pairs)
  const query: ImageQuery = {
    limit: pageSize(controls.limit, limits),
    sort: parseSort({ sort: controls.sort, keys, dirs }),
    memberStatus: choice('member_status', controls.member_status ?? 'accepted', MEMBER_STATUSES),
    hidden: controls.os_hidden !== undefined && flag('os_hidden', controls.os_hidden.toLowerCase()),
    tags: [...tags],
    ...filters,
  }
  if (controls.marker !== undefined) query.marker = marker(controls.marker)
  if (controls.protected !== undefined) query.protected = flag('protected', controls.protected)
  // An empty visibility matches no image; the rest of the request is judged all the same.
  if (controls.visibility === '') query.limit = 0
  else if (controls.visibility !== undefined) {
    query.visibility = choice('visibility', controls.visibility, VISIBILITY_CHOICES)
  }
  return query
}

function sortOut(pairs: readonly QueryPair[]) {
  const controls: Controls = {}
  const keys: string[] = []
  const dirs: string[] = []
  const tags = new Set<string>()
  const last = new Map<string, string>()
  for (const [name, value] of pairs) {
    const control = CONTROL_NAMES.find((each) => each === name)
    if (control !== undefined) controls[control] = value
    else if (name === 'sort_key') keys.push(value)
    else if (name === 'sort_dir') dirs.push(value)
    else if (name === 'tag') tags.add(value)
    else last.set(name, value)
  }
  if (last.size + tags.size + keys.length > MAX_CONDITIONS) {
    throw new GlanceError('BadRequest', `A list takes at most ${MAX_CONDITIONS} conditions.`)
  }
  const filters: Filters = { oneOf: [], equals: [], integers: [], times: [], properties: [] }
  for (const [name, value] of last) addFilter(filters, name, value)
  return { controls, keys, dirs, tags, filters }
}

function pageSize(text: string | undefined, limits: PageLimits): number {
  if (text === undefined) return Math.min(limits.limitDefault, limits.limitMax)
  if (!COUNT.test(text)) throw new GlanceError('BadRequest', 'limit must be an integer that is not negative.')
  return Math.min(Number(text), limits.limitMax)
}

function marker(text: string): string {
  if (UUID.test(text)) return text
  throw new GlanceError('BadRequest', 'marker must be the id of an image.')
}

function flag(name: string, text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  throw new GlanceError('BadRequest', `${name} must be true or false.`)
}

function choice<const T extends readonly string[]>(name: string, text: string, choices: T): T[number] {
  const chosen = choices.find((each) => each === text)
  if (chosen !== undefined) return chosen
  throw new GlanceError('BadRequest', `${name} must be one of: ${choices.join(', ')}.`)
}
