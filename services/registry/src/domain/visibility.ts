import type { CallContext } from '@glance/shared/context'
import type { Image } from '@glance/shared/contracts/image'

type OwnedImage = Pick<Image, 'owner' | 'visibility'>

/**
 * Who may reach an image by its id, before any policy rule is asked (Images v2: visibility).
 * `isMember`: the caller's project is a member of the image, whatever its answer to the offer was.
 */
export function canSee(
  image: OwnedImage,
  context: CallContext,
  options: { isAdmin: boolean; isMember: boolean },
): boolean {
  if (options.isAdmin || image.owner === null) return true
  if (image.visibility === 'public' || image.visibility === 'community') return true
  if (context.projectId === null) return false
  return image.owner === context.projectId || (image.visibility === 'shared' && options.isMember)
}

/** Only admins and the owner's project change an image, whatever a policy override grants (Images v2: mutability). */
export function canChange(image: Pick<Image, 'owner'>, context: CallContext, options: { isAdmin: boolean }): boolean {
  return options.isAdmin || (image.owner !== null && image.owner === context.projectId)
}
