import type { TypedHandlers } from '@glance/shared/bus/client'
import type { RegistryRpc } from '@glance/shared/contracts/registry-rpc'
import { GlanceError } from '@glance/shared/errors/error'
import { imagesInTransfer, locationsOf, urlsInUse } from '../db/locations.ts'
import { deleteJob } from '../db/outbox.ts'
import type { RpcParts } from './parts.ts'

type ObjectMethods = 'finishJob' | 'knowsObject' | 'listLocations'

export function objectHandlers({ database }: RpcParts): Pick<TypedHandlers<RegistryRpc>, ObjectMethods> {
  return {
    finishJob: async ({ jobId }) => {
      await deleteJob(database, jobId)
      return {}
    },

    knowsObject: async ({ store, objects }) => {
      const urls = objects.map(({ url }) => url)
      const imageIds = objects.map(({ imageId }) => imageId.toLowerCase())
      const inUse = await urlsInUse(database, urls)
      const inTransfer = await imagesInTransfer(database, store, imageIds)
      return { known: objects.map((each, index) => inUse.has(each.url) || inTransfer.has(imageIds[index] ?? '')) }
    },

    listLocations: async ({ store, after, limit }) => {
      const { locations, last } = await locationsOf(database, store, { after: readCursor(after), limit })
      const isLast = last === undefined || locations.length < limit
      return { locations, ...(isLast ? {} : { next: String(last) }) }
    },
  }
}

function readCursor(after: string | undefined): number {
  if (after === undefined) return 0
  if (!/^\d{1,15}$/.test(after)) throw new GlanceError('BadRequest', 'after must be a cursor of an earlier answer.')
  return Number(after)
}
