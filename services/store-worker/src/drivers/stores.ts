import type { StoreConfig } from '@glance/shared/config/stores'
import type { Log } from '@glance/shared/log'
import { type DriverSetting, StoreConfigError, type StoreDriver } from './driver.ts'
import { guardDriver } from './guard.ts'
import { openReopening, type Reopening } from './reopening.ts'
import { type AnyDriverRow, rowOf } from './table.ts'

export interface OpenStoresOptions {
  /** Ids of the stores to open; all when left out. */
  readonly only?: readonly string[]
  readonly log: Log
  /** Puts of one store at the same time. */
  readonly putsAtOnce?: number
  /** Longest wait for a store at the start, in ms; one that needs longer goes on opening in the background. */
  readonly openWithinMs?: number
}

/** The stores of a process. */
export interface OpenStores {
  /** By store id. A store that is not open is here too: its methods throw StoreUnavailable. */
  readonly drivers: ReadonlyMap<string, StoreDriver>
  /** Why stores are not open now, by store id, in words for the operator; empty when all are. */
  unavailable(): ReadonlyMap<string, string>
  /** Closes all, and ends the attempts to open the others. */
  close(): Promise<void>
}

/**
 * Opens stores, all at the same time. One whose backend is away does not end the process: it is opened again in the
 * background, with growing pauses, until it answers.
 * @throws StoreConfigError, with every fault in the message, when a store can never be opened as configured or `only`
 * names none; nothing stays open then
 */
export async function openStores(configs: readonly StoreConfig[], options: OpenStoresOptions): Promise<OpenStores> {
  const { only, log, openWithinMs = 10_000 } = options
  const faults = only?.filter((id) => !configs.some((config) => config.id === id)).map(noSuchStore) ?? []
  const stores = new Map<string, Reopening>()
  for (const config of configs) {
    if (only !== undefined && !only.includes(config.id)) continue
    const row = rowOf(config.type)
    if (row !== undefined) stores.set(config.id, openStore(config, row, options))
    else if (isUnasked(config)) log.warn({ store: config.id }, `type ${config.type} is not available in this release`)
    else faults.push(`store '${config.id}': type ${config.type} is not available in this release`)
  }
  const close = async (): Promise<void> => {
    await Promise.all([...stores.values()].map(({ driver }) => driver.close()))
  }
  const told = [...stores].map(([id, { attempted }]) => faultsWithin(attempted, { id, ms: openWithinMs }))
  faults.push(...(await Promise.all(told)).flat())
  if (faults.length > 0) {
    await close()
    throw new StoreConfigError(faults.join('\n'))
  }
  return {
    drivers: new Map([...stores].map(([id, { driver }]) => [id, driver])),
    unavailable: () => new Map([...stores].flatMap(([id, { reason }]) => entryOf(id, reason()))),
    close,
  }
}

function openStore(config: StoreConfig, row: AnyDriverRow, { log, putsAtOnce }: OpenStoresOptions): Reopening {
  const storeId = config.id
  const ours = log.child({ store: storeId })
  const setting: DriverSetting = { storeId, warn: (fields, message) => ours.warn(fields, message) }
  const open = async (): Promise<StoreDriver> =>
    guardDriver(await row.open(config.options, setting), { storeId, log, ...(putsAtOnce && { putsAtOnce }) })
  return openReopening(open, { storeId, can: row.can, log })
}

/** `[glance_store] stores` lists http unless the operator says something else. */
function isUnasked({ type, id, isDefault }: StoreConfig): boolean {
  return type === 'http' && id === type && !isDefault
}

/** What the first attempt says of the configuration, if it says so in time. */
async function faultsWithin(attempted: Promise<void>, { id, ms }: { id: string; ms: number }): Promise<string[]> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  try {
    await Promise.race([attempted, late])
    return []
  } catch (thrown) {
    if (thrown instanceof StoreConfigError) return [`store '${id}': ${thrown.message}`]
    throw thrown
  } finally {
    clearTimeout(timer)
  }
}

function noSuchStore(id: string): string {
  return `store '${id}': there is no such store in the configuration`
}

function entryOf(id: string, reason: string | undefined): [string, string][] {
  return reason === undefined ? [] : [[id, reason]]
}
