import { formatQuery, type QueryPair } from '../http/query-string.ts'
import type { ImageView } from './image.ts'

const PATH = '/v2/images'

/**
 * A page of images. The links repeat every parameter of the request, so that a repeated one keeps its meaning over
 * all pages; `next` stands only when more may follow, and begins after the last image shown.
 */
export function imageListView(
  images: ImageView[],
  page: { pairs: readonly QueryPair[]; more: boolean },
): Record<string, unknown> {
  const repeated = page.pairs.filter(([name]) => name !== 'marker')
  const view: Record<string, unknown> = { images, first: withQuery(repeated), schema: '/v2/schemas/images' }
  const last = images.at(-1)
  if (page.more && last !== undefined) view.next = withQuery([...repeated, ['marker', String(last.id)]])
  return view
}

function withQuery(pairs: readonly QueryPair[]): string {
  return pairs.length === 0 ? PATH : `${PATH}?${formatQuery(pairs)}`
}
