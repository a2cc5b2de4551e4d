import type { RpcOutput } from '@glance/shared/contracts/define'
import type { RegistryRpc } from '@glance/shared/contracts/registry-rpc'
import { isCode } from '@glance/shared/errors/error'
import type { Run } from './parts.ts'

/** What the registry believes of a store and the store does not hold. */
export interface Missing {
  /** Locations that were looked at. */
  readonly locations: number
  /** Objects that are not there. */
  readonly missing: number
  /** Objects of another size than their image. */
  readonly wrongSize: number
  /** Locations the store could not tell about. */
  readonly unreadable: number
}

type Counts = { -readonly [N in keyof Missing]: number }
type Kept = RpcOutput<RegistryRpc['listLocations']>['locations'][number]

const PAGE = 500
/** Objects asked for at once. */
const AT_ONCE = 8

/**
 * Looks for every object the registry has a location of, and logs those that are missing. Changes nothing: whether
 * the image is lost, or the disk only not mounted, is for an operator to say.
 * Throws what the registry throws, and what the signal is aborted with.
 */
export async function findMissing(run: Run): Promise<Missing> {
  const counts: Counts = { locations: 0, missing: 0, wrongSize: 0, unreadable: 0 }
  let after: string | undefined
  do {
    const page = await run.registry.listLocations(
      run.context,
      { store: run.storeId, limit: PAGE, ...(after !== undefined && { after }) },
      { signal: run.signal },
    )
    await checkAll(run, page.locations, counts)
    after = page.next
  } while (after !== undefined)
  return counts
}

async function checkAll(run: Run, page: readonly Kept[], counts: Counts): Promise<void> {
  let next = 0
  let isBroken = false
  const work = async (): Promise<void> => {
    for (let kept = page[next++]; kept !== undefined && !isBroken; kept = page[next++]) {
      run.signal.throwIfAborted()
      counts.locations += 1
      await check(run, kept, counts)
    }
  }
  const workers = Array.from({ length: AT_ONCE }, () =>
    work().catch((thrown: unknown) => {
      isBroken = true
      throw thrown
    }),
  )
  await Promise.all(workers)
}

async function check(run: Run, kept: Kept, counts: Counts): Promise<void> {
  const { driver, log, storeId: store } = run
  const told = { store, image_id: kept.imageId }
  try {
    const { size } = await driver.stat(kept.location.url)
    if (kept.size === null || kept.size === size) return
    counts.wrongSize += 1
    log.error({ ...told, size, image_size: kept.size }, 'object is not of the size of its image')
  } catch (err) {
    if (!isCode(err, 'StoreObjectNotFound')) {
      counts.unreadable += 1
      log.warn({ err, ...told }, 'location of an image could not be looked at')
      return
    }
    // The image may have been deleted since the registry named it.
    if (!(await isStillKnown(run, kept))) return
    counts.missing += 1
    log.error(told, 'object of an image is missing')
  }
}

async function isStillKnown(run: Run, { imageId, location: { url } }: Kept): Promise<boolean> {
  const { registry, context, storeId: store, signal } = run
  const { known } = await registry.knowsObject(context, { store, objects: [{ imageId, url }] }, { signal })
  return known[0] !== false
}
