import type { CallContext } from '@glance/shared/context'
import type { Image, PATCH_DIALECTS, PatchOperation } from '@glance/shared/contracts/image'
import type { Authorizer } from './authorizer.ts'
import type { ImageLimits } from './quota.ts'

export type PatchedColumns = Partial<
  Pick<
    Image,
    | 'name'
    | 'visibility'
    | 'protected'
    | 'os_hidden'
    | 'owner'
    | 'disk_format'
    | 'container_format'
    | 'min_disk'
    | 'min_ram'
  >
>

/** What a PATCH changes; only what the request names is in it. */
export interface ImageChange {
  readonly columns: PatchedColumns
  /** The whole new set, when the request sets tags. */
  readonly tags?: string[]
  readonly properties: { readonly set: Record<string, string | null>; readonly remove: string[] }
  /** True for a patch without operations: nothing is saved, not even updated_at. */
  readonly isEmpty: boolean
}

export interface PatchParts {
  readonly dialect: (typeof PATCH_DIALECTS)[number]
  readonly context: CallContext
  readonly policy: Authorizer
  readonly limits: ImageLimits
  /** True when the caller's project is a member of the image. */
  readonly memberOfCaller?: boolean
}

export function applyPatch(image: Image, operations: readonly PatchOperation[], parts: PatchParts): ImageChange {
  throw new Error(`pending ${image.id} ${operations.length} ${parts.dialect}`)
}
