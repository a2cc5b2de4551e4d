import type { CallContext } from '@glance/shared/context'
import type { Image, ImageDraft } from '@glance/shared/contracts/image'
import type { Authorizer } from './authorizer.ts'
import type { ImageLimits } from './quota.ts'

/** A row to insert, with its tags and properties; nothing else about it is set yet. */
export type NewImage = Pick<
  Image,
  | 'id'
  | 'name'
  | 'visibility'
  | 'protected'
  | 'os_hidden'
  | 'owner'
  | 'disk_format'
  | 'container_format'
  | 'min_disk'
  | 'min_ram'
  | 'tags'
  | 'properties'
> & { readonly status: 'queued'; readonly createdAt: Date }

export interface CreateParts {
  readonly context: CallContext
  readonly policy: Authorizer
  readonly limits: ImageLimits
  readonly now: Date
  readonly newId: () => string
}

export function planCreate(draft: ImageDraft, parts: CreateParts): NewImage {
  throw new Error(`pending ${draft.name} ${parts.now}`)
}
