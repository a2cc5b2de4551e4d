import type { CallContext } from '@glance/shared/context'
import type { ImageQuery } from '@glance/shared/contracts/image'
import { any, list, type Provider, raw, type Sql, sql } from './sql.ts'

/** Who lists: rules of the database level only, policy comes after. */
export interface ListCaller {
  readonly projectId: CallContext['projectId']
  readonly isAdmin: boolean
}

/**
 * How the images of a source are best found: in the order of the list, by owner, by a filter of their own index,
 * or by the few rows of another table or index that lead to them.
 */
type Walk = 'order' | 'owner' | 'filter' | 'rows'

/** One source of a list. */
export interface Branch {
  readonly condition: Sql
  readonly walk: Walk
}

/** Columns whose indexes lead SQLite astray. */
const AVOIDED: Readonly<Record<Walk, RegExp | undefined>> = {
  order: undefined,
  owner: /\bi\.(os_hidden|visibility)\b/g,
  filter: /\bi\.(os_hidden|visibility|owner)\b/g,
  rows: /\bi\.(os_hidden|visibility|owner|deleted)\b/g,
}

/**
 * SQLite takes whatever index has most columns of the query and its order, however rare what it looks for: a plus sign
 * hides a column from it (https://www.sqlite.org/optoverview.html). The other databases count before they choose.
 */
export function withHints(condition: Sql, walk: Walk, provider: Provider): Sql {
  const avoided = provider === 'sqlite' ? AVOIDED[walk] : undefined
  return avoided === undefined ? condition : { ...condition, text: condition.text.replace(avoided, '+$&') }
}

/**
 * Which images a caller's list is drawn from, as conditions of which each image meets at most one (Images v2:
 * visibility). Apart, each is a walk along an index in the order of the list; joined by OR they would be a scan.
 */
export function visibilityBranches(query: ImageQuery, caller: ListCaller, hasRareAttribute: boolean): Branch[] {
  const walk = walkOf(query, hasRareAttribute)
  const { projectId } = caller
  if (caller.isAdmin) return [{ condition: adminCondition(query.visibility, projectId), walk }]
  const branches = openTo(query.visibility).map((visibility) => ({
    condition: sql`i.visibility = ${visibility}`,
    walk,
  }))
  if (projectId === null || query.visibility === 'public' || query.visibility === 'community') return branches
  branches.push({ condition: ownedBy(projectId, query.visibility), walk: walk === 'order' ? 'owner' : walk })
  if (query.visibility === 'private') return branches
  return [...branches, { condition: sharedWith(projectId, query.memberStatus), walk: 'rows' }]
}

function walkOf(query: ImageQuery, hasRareAttribute: boolean): Walk {
  const isById = query.oneOf.some(({ column }) => column === 'id')
  const isByDigest = query.equals.some(({ column }) => column === 'checksum' || column === 'os_hash_value')
  if (isById || isByDigest || hasRareAttribute) return 'rows'
  // Images are active for nearly all their lives.
  const isRare = ({ column, values }: ImageQuery['oneOf'][number]) =>
    column === 'name' || (column === 'status' && !values.includes('active'))
  return query.oneOf.some(isRare) ? 'filter' : 'order'
}

/** Visibilities that a list shows of every project. */
function openTo(wanted: ImageQuery['visibility']): ('public' | 'community')[] {
  if (wanted === undefined) return ['public']
  if (wanted === 'all') return ['public', 'community']
  return wanted === 'public' || wanted === 'community' ? [wanted] : []
}

function ownedBy(projectId: string, wanted: ImageQuery['visibility']): Sql {
  if (wanted === 'private' || wanted === 'shared') return sql`i.owner = ${projectId} AND i.visibility = ${wanted}`
  const [first = 'public', ...rest] = openTo(wanted)
  return sql`i.owner = ${projectId} AND i.visibility NOT IN ${list([first, ...rest])}`
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
