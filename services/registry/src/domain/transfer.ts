import type { Image } from '@glance/shared/contracts/image'
import { GlanceError } from '@glance/shared/errors/error'
import { canTransition } from './image-status.ts'

type FormattedImage = Pick<Image, 'disk_format' | 'container_format'>

/** Throws FormatsUnset naming the missing ones: data need both formats (Images v2: format sets). */
export function requireFormats(image: FormattedImage): void {
  const missing = (['disk_format', 'container_format'] as const).filter((name) => !image[name])
  if (missing.length > 0) {
    throw new GlanceError('FormatsUnset', `Properties ${missing.join(', ')} must be set prior to saving data.`)
  }
}

/** Throws Conflict when the image cannot take data now, FormatsUnset when a format is missing (Images v2: upload). */
export function requireUploadable(image: FormattedImage & Pick<Image, 'id' | 'status'>): void {
  if (!canTransition(image.status, 'saving')) {
    throw new GlanceError(
      'Conflict',
      `Image ${image.id} is ${image.status}: data can be uploaded only while it is queued.`,
    )
  }
  requireFormats(image)
}

/** Throws Forbidden when the data of a deactivated image are asked for by anybody but an admin (Images v2: download). */
export function requireDownloadable(image: Pick<Image, 'id' | 'status'>, options: { isAdmin: boolean }): void {
  if (image.status === 'deactivated' && !options.isAdmin) {
    throw new GlanceError(
      'Forbidden',
      `The requested image ${image.id} has been deactivated. Image data download is forbidden.`,
    )
  }
}
