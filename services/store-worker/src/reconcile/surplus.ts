import type { ListedObject } from '../drivers/driver.ts'
import { removeObject } from '../transfer/remove.ts'
import type { Run } from './parts.ts'

/** What of a store the registry does not know. */
export interface Surplus {
  /** Finished objects in the store, of any age. */
  readonly objects: number
  /** Old objects that no row and no live transfer knows. */
  readonly orphans: number
  /** Old residue of attempts that are over. */
  readonly residue: number
  /** Of both, how many were removed. */
  readonly removed: number
  /** Removals that failed; the next run tries again. */
  readonly failed: number
}

type Counts = { -readonly [N in keyof Surplus]: number }

/** Objects asked about in one call. */
const BATCH = 200
/** Orphans kept in memory until the whole store has been seen; more wait for the next run. */
const MOST_HELD = 1_000
/** So many orphans are never suspicious. */
const HARMLESS = 10
/** Nor is this part of all objects. */
const HARMLESS_PART = 0.1

/**
 * Lists a store and removes what nobody knows. Memory stays bounded however large the store is.
 * Throws what listing and the registry throw, and what the signal is aborted with.
 */
export async function removeSurplus(run: Run): Promise<Surplus> {
  const counts: Counts = { objects: 0, orphans: 0, residue: 0, removed: 0, failed: 0 }
  const orphans: ListedObject[] = []
  const oldest = Date.now() - run.olderThanMs
  const sort = async (batch: readonly ListedObject[]): Promise<void> => {
    for (const found of await unknownOf(run, batch)) {
      if (found.attempt !== undefined) {
        counts.residue += 1
        await removeOne(run, found, counts)
        continue
      }
      counts.orphans += 1
      if (orphans.length < MOST_HELD) orphans.push(found)
    }
  }
  let batch: ListedObject[] = []
  for await (const found of run.driver.list?.() ?? []) {
    run.signal.throwIfAborted()
    if (found.attempt === undefined) counts.objects += 1
    if (found.modifiedAt.getTime() > oldest) continue
    batch.push(found)
    if (batch.length < BATCH) continue
    await sort(batch)
    batch = []
  }
  await sort(batch)
  if (isSuspicious(counts) && run.force !== true) {
    run.log.error(
      { store: run.storeId, orphans: counts.orphans, objects: counts.objects },
      'so many objects are unknown to the registry that none was removed: is this the right registry?',
    )
    return counts
  }
  for (const orphan of orphans) await removeOne(run, orphan, counts)
  return counts
}

function isSuspicious({ orphans, objects }: Surplus): boolean {
  return orphans > Math.max(HARMLESS, objects * HARMLESS_PART)
}

/** Those of the batch that neither a row nor a live transfer knows, under any of their URLs. */
async function unknownOf(run: Run, batch: readonly ListedObject[]): Promise<readonly ListedObject[]> {
  if (batch.length === 0) return []
  const { registry, context, storeId: store, signal } = run
  const asked = batch.map(({ imageId, url }) => ({ imageId, url }))
  const { known } = await registry.knowsObject(context, { store, objects: asked }, { signal })
  // No answer about an object is no leave to remove it.
  return batch.filter((_, index) => known[index] === false)
}

async function isKnownNow(run: Run, { imageId, url, aliases = [] }: ListedObject): Promise<boolean> {
  const { registry, context, storeId: store, signal } = run
  const objects = [url, ...aliases].map((each) => ({ imageId, url: each }))
  const { known } = await registry.knowsObject(context, { store, objects }, { signal })
  return objects.some((_, index) => known[index] !== false)
}

async function removeOne(run: Run, found: ListedObject, counts: Counts): Promise<void> {
  const { driver, log, storeId: store, repair, signal } = run
  signal.throwIfAborted()
  const told = { store, image_id: found.imageId, modified_at: found.modifiedAt.toISOString(), repair }
  // Between the first question and now an upload may have begun or an image may have got its location.
  if (await isKnownNow(run, found)) {
    if (found.attempt === undefined) counts.orphans -= 1
    else counts.residue -= 1
    return
  }
  log.warn(told, found.attempt === undefined ? 'object belongs to no image' : 'residue of a transfer that is over')
  if (!repair) return
  try {
    if (found.attempt === undefined) await removeObject(driver, found.url)
    else await driver.discard(found.imageId, found.attempt)
    counts.removed += 1
  } catch (err) {
    counts.failed += 1
    log.warn({ err, ...told }, 'what belongs to no image could not be removed')
  }
}
