import type { TypedHandlers } from '@glance/shared/bus/client'
import type { RegistryRpc } from '@glance/shared/contracts/registry-rpc'
import { downloadHandlers } from './downloads.ts'
import { imageHandlers } from './images.ts'
import { objectHandlers } from './objects.ts'
import type { RpcParts } from './parts.ts'
import { tagHandlers } from './tags.ts'
import { tokenHandlers } from './tokens.ts'
import { transferHandlers } from './transfers.ts'

/** Every use case of the registry, by the name of its RPC method. */
export function rpcHandlers(parts: RpcParts): TypedHandlers<RegistryRpc> {
  return {
    ...imageHandlers(parts),
    ...tagHandlers(parts),
    ...transferHandlers(parts),
    ...downloadHandlers(parts),
    ...objectHandlers(parts),
    ...tokenHandlers(parts),
    ping: async () => {
      await parts.database.ping()
      return {}
    },
  }
}
