import type { CallContext } from '@glance/shared/context'
import { type Image, UUID_PATTERN } from '@glance/shared/contracts/image'
import { GlanceError } from '@glance/shared/errors/error'
import type { StoredImage } from '../db/image-row.ts'
import { findImage } from '../db/images.ts'
import { canChange, canSee } from '../domain/visibility.ts'
import type { PolicyImage } from '../policy/enforce.ts'
import type { RpcParts } from './parts.ts'

/** An image the caller may reach, as the rules want it. */
export type ReachableImage = Image & PolicyImage

const UUID = new RegExp(UUID_PATTERN)

/** True for what may be the id of an image: anything else need not be looked for. */
export function isImageId(text: string): boolean {
  return UUID.test(text)
}

/**
 * The image of an id, if the caller may reach it. Throws NotFound alike for what is malformed, unknown, deleted or
 * invisible (Images v2: policy-failure translation). Policy is the next question, not answered here.
 */
export async function reachImage(parts: RpcParts, context: CallContext, id: string): Promise<ReachableImage> {
  const found = isImageId(id) ? await findImage(parts.database, id, context.projectId) : undefined
  if (found === undefined || !isVisible(parts, context, found)) throw notFound(id)
  return { ...found.image, memberOfCaller: found.isMember }
}

/** Like `reachImage`, and asks a rule; both the rule and ownership decide about changes. */
export async function reachForChange(
  parts: RpcParts,
  context: CallContext,
  { id, rule }: { readonly id: string; readonly rule: string },
): Promise<ReachableImage> {
  const image = await reachImage(parts, context, id)
  parts.policy.requireOnImage(rule, context, image)
  if (!canChange(image, context, { isAdmin: parts.policy.isAdmin(context) })) {
    throw new GlanceError('Forbidden', `You are not permitted to modify image ${image.id}.`)
  }
  return image
}

/** The image as the registry tells it: locations heaviest store first, none where they may not be read. */
export function presentImage(parts: RpcParts, context: CallContext, image: ReachableImage | Image): Image {
  const { memberOfCaller: _, ...told } = image as ReachableImage
  if (told.locations.length === 0) return told
  const isReadable = told.status !== 'deactivated' || parts.policy.isAdmin(context)
  return { ...told, locations: isReadable ? byWeight(parts, told.locations) : [] }
}

/** Locations in the order they should be read; those of equal weight keep their order. */
export function byWeight(parts: RpcParts, locations: Image['locations']): Image['locations'] {
  if (locations.length < 2) return locations
  const weights = new Map(parts.stores.map(({ id, weight }) => [id, weight]))
  const weightOf = (location: Image['locations'][number]) => weights.get(storeOf(parts, location) ?? '') ?? 0
  return locations.toSorted((left, right) => weightOf(right) - weightOf(left))
}

/** The store a location lies in; rows of single-store days do not say, and mean the default one. */
export function storeOf(parts: RpcParts, { metadata }: Image['locations'][number]): string | undefined {
  if (typeof metadata.store === 'string') return metadata.store
  return parts.stores.find(({ isDefault }) => isDefault)?.id
}

/** Whether the database level shows the image to the caller, before policy. */
export function isVisible(parts: RpcParts, context: CallContext, { image, isMember }: StoredImage): boolean {
  return canSee(image, context, { isAdmin: parts.policy.isAdmin(context), isMember })
}

export function notFound(id: string): GlanceError {
  return new GlanceError('NotFound', `No image found with ID ${id}`)
}
