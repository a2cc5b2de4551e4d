import type { TypedClient } from '@glance/shared/bus/client'
import type { UploadSource } from '@glance/shared/contracts/bytes'
import type { RegistryRpc } from '@glance/shared/contracts/registry-rpc'
import { GlanceError } from '@glance/shared/errors/error'
import type { StoreDriver } from '../drivers/driver.ts'
import type { TransferParts } from '../transfer/transfer.ts'

/** What the jobs of a worker share. */
export interface WorkerJobParts {
  /** Opened stores by id. */
  readonly stores: ReadonlyMap<string, StoreDriver>
  readonly registry: Pick<TypedClient<RegistryRpc>, 'knowsObject'>
  readonly uploads: UploadSource
  readonly transfers: TransferParts
}

/** The driver of a store. Throws Unavailable for a store this worker does not serve: another worker may. */
export function driverOf(stores: ReadonlyMap<string, StoreDriver>, store: string): StoreDriver {
  const driver = stores.get(store)
  if (driver === undefined) throw new GlanceError('Unavailable', `this worker does not serve the store ${store}`)
  return driver
}
