import { Type } from 'typebox'
import { rpc } from './define.ts'
import { ByteAddressSchema } from './transfer.ts'

/** The RPC queue that the workers of one store share. */
export function storeQueue(storeId: string): string {
  return `glance.store.${storeId}`
}

/** What a store worker answers at once; everything longer is a job. */
export const storeRpc = {
  /**
   * Readies one read of an object: `size` in bytes and a one-time ticket at this worker's byte plane.
   * Throws StoreObjectNotFound or StoreUnavailable.
   */
  openRead: rpc(
    Type.Object({ imageId: Type.String(), url: Type.String() }),
    Type.Object({ source: ByteAddressSchema, size: Type.Integer({ minimum: 0 }) }),
  ),
} as const
export type StoreRpc = typeof storeRpc
