import type { CallContext } from '@glance/shared/context'
import type { ImageQuery, SortKey } from '@glance/shared/contracts/image'
import type { SeedImage } from './seed.ts'

/** A list request with nothing asked for, changed by `over`. */
export function listQuery(over: Partial<ImageQuery> = {}): ImageQuery {
  return {
    limit: 1000,
    sort: [],
    memberStatus: 'accepted',
    hidden: false,
    tags: [],
    oneOf: [],
    equals: [],
    integers: [],
    times: [],
    properties: [],
    ...over,
  }
}

/** The images a list must hold, worked out one by one from the rules of Images v2 (list). Order is not part of it. */
export function expectedImages(images: readonly SeedImage[], query: ImageQuery, caller: CallContext): SeedImage[] {
  return images.filter((image) => isVisible(image, query, caller) && isMatch(image, query))
}

/** Images v2: semantics of visibility. */
function isVisible(image: SeedImage, query: ImageQuery, caller: CallContext): boolean {
  if (image.deleted || image.status === 'killed' || image.status === 'deleted') return false
  const wanted = query.visibility
  const isOwn = caller.projectId !== null && image.owner === caller.projectId
  if (caller.roles.includes('admin')) {
    if (wanted === undefined) return image.visibility !== 'community' || isOwn
    return wanted === 'all' || image.visibility === wanted
  }
  const answer = caller.projectId === null ? undefined : image.members[caller.projectId]
  const isOffered =
    image.visibility === 'shared' &&
    answer !== undefined &&
    (query.memberStatus === 'all' || answer === query.memberStatus)
  if (wanted === undefined) return image.visibility === 'public' || isOwn || isOffered
  switch (wanted) {
    case 'public':
      return image.visibility === 'public'
    case 'community':
      return image.visibility === 'community'
    case 'private':
      return image.visibility === 'private' && isOwn
    case 'shared':
      return (image.visibility === 'shared' && isOwn) || isOffered
    case 'all':
      return image.visibility === 'public' || image.visibility === 'community' || isOwn || isOffered
  }
}

function isMatch(image: SeedImage, query: ImageQuery): boolean {
  return (
    image.os_hidden === query.hidden &&
    (query.protected === undefined || image.protected === query.protected) &&
    query.tags.every((tag) => image.tags.includes(tag)) &&
    query.properties.every(({ name, value }) => image.properties[name] === value) &&
    query.oneOf.every(({ column, values }) => {
      const value = image[column]
      return value !== null && values.map((each) => (column === 'id' ? each.toLowerCase() : each)).includes(value)
    }) &&
    query.equals.every(({ column, value }) => image[column] === value) &&
    query.integers.every(({ column, op, value }) => compares(image[column], op, value)) &&
    query.times.every(({ column, op, value }) => compares(wholeSecond(image[column]), op, Date.parse(value)))
  )
}

/** Clients see whole seconds, so it is these that are compared. */
function wholeSecond(time: Date): number {
  return Math.floor(time.getTime() / 1000) * 1000
}

function compares(value: number | null, op: ImageQuery['times'][number]['op'], bound: number): boolean {
  if (value === null) return false
  switch (op) {
    case 'gt':
      return value > bound
    case 'gte':
      return value >= bound
    case 'lt':
      return value < bound
    case 'lte':
      return value <= bound
    case 'eq':
      return value === bound
    case 'neq':
      return value !== bound
  }
}

/** Sorts by keys in turn: null below everything, texts by their bytes. Ties are left as they come. */
export function compareBy(sort: ImageQuery['sort']): (a: SeedImage, b: SeedImage) => number {
  return (a, b) => {
    for (const { key, dir } of sort) {
      const order = compareValues(a[key], b[key])
      if (order !== 0) return dir === 'asc' ? order : -order
    }
    return 0
  }
}

function compareValues(a: SeedImage[SortKey], b: SeedImage[SortKey]): number {
  if (a === b) return 0
  if (a === null) return -1
  if (b === null) return 1
  if (typeof a === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(String(b)))
  return Math.sign(Number(a) - Number(b))
}
