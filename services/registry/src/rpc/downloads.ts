import type { TypedHandlers } from '@glance/shared/bus/client'
import type { RegistryRpc } from '@glance/shared/contracts/registry-rpc'
import { requireDownloadable } from '../domain/transfer.ts'
import { byWeight, reachImage, storeOf } from './find-image.ts'
import type { RpcParts } from './parts.ts'

export function downloadHandlers(parts: RpcParts): Pick<TypedHandlers<RegistryRpc>, 'openDownload'> {
  return {
    openDownload: async ({ imageId }, { context }) => {
      const image = await reachImage(parts, context, imageId)
      parts.policy.requireOnImage('download_image', context, image)
      requireDownloadable(image, { isAdmin: parts.policy.isAdmin(context) })
      const places = byWeight(parts, image.locations).flatMap((location) => {
        const store = storeOf(parts, location)
        return store === undefined ? [] : [{ store, url: location.url }]
      })
      return { size: image.size, checksum: image.checksum, places }
    },
  }
}
