import type { Image } from '@glance/shared/contracts/image'
import type { ApiParts } from '../parts.ts'
import type { ImageAttributes } from '../schema/image-attributes.ts'
import type { ImageView } from '../view/image.ts'

/** What routes work with: the parts, and what is made of the configuration once. */
export interface RouteKit extends ApiParts {
  readonly attributes: ImageAttributes
  readonly viewImage: (image: Image) => ImageView
}
