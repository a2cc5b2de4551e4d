import { GlanceError } from '@glance/shared/errors/error'
import type { QueryPair } from '../http/query-string.ts'

/**
 * Puts the places in the stores that `prefer` names before the others; within both the order stays. Throws
 * BadRequest for an unknown store, and for any preference when there are no stores to choose from.
 */
export function preferredFirst<P extends { store: string }>(
  places: readonly P[],
  pairs: readonly QueryPair[],
  config: { multistore: boolean; stores: readonly { id: string }[] },
): readonly P[] {
  const prefer = pairs.findLast(([name]) => name === 'prefer')?.[1]
  if (prefer === undefined) return places
  if (!config.multistore) throw new GlanceError('BadRequest', 'prefer needs several stores, and this service has one.')
  const wanted = prefer.split(',').map((each) => each.trim())
  for (const id of wanted) {
    if (!config.stores.some((store) => store.id === id)) {
      throw new GlanceError('BadRequest', `prefer names an unknown store '${id.slice(0, 255)}'.`)
    }
  }
  const isWanted = (place: P): boolean => wanted.includes(place.store)
  return [...places.filter(isWanted), ...places.filter((place) => !isWanted(place))]
}
