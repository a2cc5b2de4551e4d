import type { TypedHandlers } from '@glance/shared/bus/client'
import type { StoreRpc } from '@glance/shared/contracts/store-rpc'
import type { Reads } from '../bytes/reads.ts'
import type { StoreDriver } from '../drivers/driver.ts'

/** Serves what one store answers at once; `address` is where this worker's byte plane is reached. */
export function storeHandlers(parts: {
  driver: StoreDriver
  reads: Reads
  address: () => string
}): TypedHandlers<StoreRpc> {
  const { driver, reads, address } = parts
  return {
    openRead: async ({ imageId, url }) => {
      const { size } = await driver.stat(url)
      const { ticket } = reads.ready({ driver, url, imageId, size })
      return { source: { address: address(), ticket }, size }
    },
  }
}
