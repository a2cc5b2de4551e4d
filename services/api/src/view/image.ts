import { HIDDEN_PROPERTIES } from '@glance/shared/contracts/attributes'
import type { Image, Location } from '@glance/shared/contracts/image'

/** What the configuration shows of where data lie. */
export interface ImageViewOptions {
  readonly multistore: boolean
  readonly showImageDirectUrl: boolean
  readonly showMultipleLocations: boolean
}

/** An image as clients see it; custom properties lie flat beside the attributes. */
export type ImageView = Record<string, unknown>

const HIDDEN: ReadonlySet<string> = new Set(HIDDEN_PROPERTIES)

/** Makes views of images (Images v2 contract: image representation). */
export function imageView(options: ImageViewOptions): (image: Image) => ImageView {
  return (image) => {
    const view: ImageView = Object.create(null)
    // Properties first: should one bear an attribute's name, the attribute shows.
    for (const name in image.properties) {
      if (!HIDDEN.has(name)) view[name] = image.properties[name] ?? ''
    }
    setAttributes(view, image)
    const { locations } = image
    if (options.showMultipleLocations) view.locations = locations.map(({ url, metadata }) => ({ url, metadata }))
    const first = locations[0]
    if (options.showImageDirectUrl && first !== undefined) view.direct_url = first.url
    const stores = options.multistore ? storesOf(locations) : ''
    if (stores !== '') view.stores = stores
    return view
  }
}

function setAttributes(view: ImageView, image: Image): void {
  const path = `/v2/images/${image.id}`
  view.id = image.id
  view.name = image.name
  view.status = image.status
  view.visibility = image.visibility
  view.protected = image.protected
  view.os_hidden = image.os_hidden
  view.owner = image.owner
  view.disk_format = image.disk_format
  view.container_format = image.container_format
  view.min_disk = image.min_disk
  view.min_ram = image.min_ram
  view.size = image.size
  view.virtual_size = image.virtual_size
  view.checksum = image.checksum
  view.os_hash_algo = image.os_hash_algo
  view.os_hash_value = image.os_hash_value
  view.created_at = image.created_at
  view.updated_at = image.updated_at
  view.tags = image.tags
  view.self = path
  view.file = `${path}/file`
  view.schema = '/v2/schemas/image'
}

/** Ids of the stores that hold the data, in location order. */
function storesOf(locations: readonly Location[]): string {
  return locations
    .map(({ metadata }) => metadata.store)
    .filter((store) => typeof store === 'string')
    .join(',')
}
