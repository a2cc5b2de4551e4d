import { randomUUID } from 'node:crypto'
import { serviceContext } from '@glance/shared/context'
import { findMissing, type Missing } from './missing.ts'
import type { ReconcileOptions, Run } from './parts.ts'
import { removeSurplus, type Surplus } from './surplus.ts'

/** What one run found and did. */
export interface Reconciled extends Surplus, Missing {}

const NOTHING_LISTED: Surplus = { objects: 0, orphans: 0, residue: 0, removed: 0, failed: 0 }

/**
 * Compares a store with the registry, both ways. What is in the store, older than a margin and known to no row and no
 * live transfer is removed; what a row knows and is not in the store is logged and left to the operator. May run
 * beside everything else, and in several workers at once.
 * Throws Unavailable, DeadlineExceeded or StoreUnavailable when registry or store cannot be asked, and what the signal
 * is aborted with.
 */
export async function reconcileStore(options: ReconcileOptions): Promise<Reconciled> {
  const { driver, log, storeId: store } = options
  const run: Run = { ...options, context: serviceContext(`req-${randomUUID()}`) }
  const began = performance.now()
  const surplus = driver.can.has('list') && driver.can.has('write') ? await removeSurplus(run) : NOTHING_LISTED
  const missing = await findMissing(run)
  const result = { ...surplus, ...missing }
  log.info({ store, ...result, ms: Math.round(performance.now() - began) }, 'store reconciled')
  return result
}
