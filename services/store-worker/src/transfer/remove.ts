import type { TypedClient } from '@glance/shared/bus/client'
import type { CallContext } from '@glance/shared/context'
import type { RegistryRpc } from '@glance/shared/contracts/registry-rpc'
import { isCode } from '@glance/shared/errors/error'
import type { StoreDriver } from '../drivers/driver.ts'

/**
 * Removes an object for good if the registry knows of no row and no live transfer it belongs to. An object that is
 * not there counts as removed. Throws what registry and driver throw.
 *
 * @returns false when the object is known and was left alone
 */
export async function removeUnknown(
  asking: { registry: Pick<TypedClient<RegistryRpc>, 'knowsObject'>; context: CallContext },
  object: { driver: StoreDriver; imageId: string; store: string; url: string },
): Promise<boolean> {
  const { driver, imageId, store, url } = object
  const { known } = await asking.registry.knowsObject(asking.context, { store, objects: [{ imageId, url }] })
  // No answer about the object is no leave to remove it.
  if (known[0] !== false) return false
  await removeObject(driver, url)
  return true
}

/** Removes an object; one that is not there counts as removed. */
export async function removeObject(driver: StoreDriver, url: string): Promise<void> {
  await driver.delete(url).catch((thrown: unknown) => {
    if (!isCode(thrown, 'StoreObjectNotFound')) throw thrown
  })
}
