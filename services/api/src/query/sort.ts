import { type ImageQuery, SORT_KEYS, type SortKey } from '@glance/shared/contracts/image'
import { GlanceError } from '@glance/shared/errors/error'

type Sort = ImageQuery['sort']
type Direction = Sort[number]['dir']

/** The three parameters that order a list, as given. */
export interface SortParameters {
  readonly sort: string | undefined
  readonly keys: readonly string[]
  readonly dirs: readonly string[]
}

/**
 * The order of a list (Images v2 contract: list). Either `sort=key[:dir],…`, or `sort_key` repeated with one
 * `sort_dir` for all or one for each. Throws BadRequest for unknown names, both forms at once, or counts that differ.
 */
export function parseSort({ sort, keys, dirs }: SortParameters): Sort {
  if (sort === undefined) return fromKeys(keys.length === 0 ? ['created_at'] : keys, dirs)
  if (keys.length > 0 || dirs.length > 0) {
    throw new GlanceError('BadRequest', 'sort cannot be combined with sort_key or sort_dir.')
  }
  return sort.split(',').map((item) => {
    const [key = '', dir = 'desc', ...rest] = item.trim().split(':')
    if (rest.length > 0)
      throw new GlanceError('BadRequest', `sort: '${item.slice(0, 100)}' is not key or key:direction.`)
    return { key: sortKey(key.trim()), dir: direction(dir.trim()) }
  })
}

function fromKeys(keys: readonly string[], dirs: readonly string[]): Sort {
  if (dirs.length > 1 && dirs.length !== keys.length) {
    throw new GlanceError('BadRequest', 'sort_dir must be given once, or as often as sort_key.')
  }
  return keys.map((key, at) => ({ key: sortKey(key), dir: direction(dirs[at] ?? dirs[0] ?? 'desc') }))
}

function sortKey(key: string): SortKey {
  const known = SORT_KEYS.find((each) => each === key)
  if (known !== undefined) return known
  throw new GlanceError('BadRequest', `Images cannot be sorted by '${key.slice(0, 100)}'; use ${SORT_KEYS.join(', ')}.`)
}

function direction(dir: string): Direction {
  if (dir === 'asc' || dir === 'desc') return dir
  throw new GlanceError('BadRequest', `The sort direction must be asc or desc, not '${dir.slice(0, 100)}'.`)
}
