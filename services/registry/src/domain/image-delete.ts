import type { Image } from '@glance/shared/contracts/image'
import { GlanceError } from '@glance/shared/errors/error'
import { requireTransition } from './image-status.ts'

/**
 * Checked before anything of the image is touched: a refused delete changes nothing (Images v2: delete).
 * Throws Forbidden when the image is protected, InvalidTransition when its status does not allow it.
 */
export function requireDeletable(image: Pick<Image, 'id' | 'protected' | 'status'>): void {
  if (image.protected) {
    throw new GlanceError('Forbidden', `Image ${image.id} is protected and cannot be deleted.`)
  }
  requireTransition(image.status, 'deleted')
}
