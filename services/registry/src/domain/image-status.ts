import type { ImageStatus } from '@glance/shared/contracts/image'
import { GlanceError } from '@glance/shared/errors/error'

/** Every change of status there is (Images v2: status machine). A status never changes to itself. */
export const TRANSITIONS: Readonly<Record<ImageStatus, readonly ImageStatus[]>> = {
  queued: ['saving', 'uploading', 'importing', 'active', 'deleted'],
  saving: ['active', 'queued', 'killed', 'deleted'],
  uploading: ['importing', 'queued', 'deleted'],
  importing: ['active', 'queued', 'deleted'],
  active: ['deactivated', 'pending_delete', 'deleted'],
  // Delayed delete takes deactivated images too: otherwise nothing would ever remove their data.
  deactivated: ['active', 'pending_delete', 'deleted'],
  pending_delete: ['deleted', 'active'],
  killed: ['deleted'],
  deleted: [],
}

/** True when an image may go from one status to the other. */
export function canTransition(from: ImageStatus, to: ImageStatus): boolean {
  return TRANSITIONS[from].includes(to)
}

/** Throws InvalidTransition when an image may not go from one status to the other. */
export function requireTransition(from: ImageStatus, to: ImageStatus): void {
  if (!canTransition(from, to)) {
    throw new GlanceError('InvalidTransition', `Image status transition from ${from} to ${to} is not allowed`)
  }
}
