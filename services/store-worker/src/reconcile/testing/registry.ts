import type { Location } from '@glance/shared/contracts/image'
import type { ObjectRegistry } from '../parts.ts'

interface Row {
  readonly imageId: string
  readonly location: Location
  readonly size: number | null
}

/** A registry in memory that answers what the reconciler asks, as the real one does. */
export class FakeRegistry implements ObjectRegistry {
  readonly rows: Row[] = []
  /** Image ids of live transfers. */
  readonly transfers = new Set<string>()
  /** How many objects were asked about, call by call. */
  readonly asked: number[] = []
  /** Runs before every answer about objects. */
  beforeAnswer: (urls: readonly string[]) => void = () => undefined
  /** Rows a page of locations holds at most. */
  pageSize = 3

  add(imageId: string, url: string, size: number | null): void {
    this.rows.push({ imageId, location: { url, metadata: {} }, size })
  }

  knowsObject: ObjectRegistry['knowsObject'] = async (_, { objects }) => {
    this.asked.push(objects.length)
    this.beforeAnswer(objects.map(({ url }) => url))
    const urls = new Set(this.rows.map(({ location }) => location.url))
    return { known: objects.map(({ imageId, url }) => urls.has(url) || this.transfers.has(imageId)) }
  }

  listLocations: ObjectRegistry['listLocations'] = async (_, { after = '0', limit }) => {
    const end = Number(after) + Math.min(limit, this.pageSize)
    const locations = this.rows.slice(Number(after), end)
    return { locations, ...(end < this.rows.length && { next: String(end) }) }
  }
}
