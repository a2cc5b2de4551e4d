import { RESERVED_PREFIX } from '@glance/shared/contracts/attributes'
import { GlanceError } from '@glance/shared/errors/error'

/** How many of each an image may have; a negative number means no limit. */
export interface ImageLimits {
  readonly properties: number
  readonly tags: number
  readonly members: number
  readonly locations: number
}

const OPTIONS: Readonly<Record<keyof ImageLimits, string>> = {
  properties: 'image_property_quota',
  tags: 'image_tag_quota',
  members: 'image_member_quota',
  locations: 'image_location_quota',
}

/** The custom properties that count: those the service writes for itself do not. */
export function countProperties(names: Iterable<string>): number {
  let count = 0
  for (const name of names) if (!name.startsWith(RESERVED_PREFIX)) count += 1
  return count
}

/**
 * Throws TooLarge when a change leaves more than the limit, naming the limit and both numbers. An image that was over
 * the limit before may still be changed as long as the number does not grow.
 */
export function requireQuota(
  kind: keyof ImageLimits,
  limits: ImageLimits,
  count: { readonly before: number; readonly after: number },
): void {
  const limit = limits[kind]
  if (limit < 0 || count.after <= limit || count.after <= count.before) return
  throw new GlanceError(
    'TooLarge',
    `The limit has been exceeded on the number of allowed image ${kind} (${OPTIONS[kind]}). ` +
      `Attempted: ${count.after}, Maximum: ${limit}`,
  )
}
