import type { TypedClient } from '@glance/shared/bus/client'
import type { CallContext } from '@glance/shared/context'
import type { RegistryRpc } from '@glance/shared/contracts/registry-rpc'
import type { Log } from '@glance/shared/log'
import type { StoreDriver } from '../drivers/driver.ts'

/** The part of the registry that knows what belongs in a store. */
export type ObjectRegistry = Pick<TypedClient<RegistryRpc>, 'knowsObject' | 'listLocations'>

export interface ReconcileOptions {
  readonly storeId: string
  readonly driver: StoreDriver
  readonly registry: ObjectRegistry
  /** Age below which objects and residue are left alone, in ms; two lease periods at least. */
  readonly olderThanMs: number
  /** False only tells what would be removed. */
  readonly repair: boolean
  /**
   * Removes objects however many they are. Without it a run that finds more than ten, and more than a tenth of the
   * store, unknown to the registry removes none of them: it speaks with the wrong registry, or with one that was
   * restored from an older copy.
   */
  readonly force?: boolean
  readonly log: Log
  readonly signal: AbortSignal
}

/** What a run works with. */
export interface Run extends ReconcileOptions {
  readonly context: CallContext
}
