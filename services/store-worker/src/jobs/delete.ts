import type { JobFunctions } from '@glance/shared/bus/run-job'
import { removeUnknown } from '../transfer/remove.ts'
import { driverOf, type WorkerJobParts } from './parts.ts'

/** Removes the bytes of a deleted image. An object that some row knows stays; one that is absent counts as removed. */
export function deleteJob({ stores, registry }: WorkerJobParts): JobFunctions['delete'] {
  return async ({ imageId, store, url }, { log, context }) => {
    const object = { driver: driverOf(stores, store), imageId, store, url }
    const isRemoved = await removeUnknown({ registry, context }, object)
    if (isRemoved) log.info({ image_id: imageId, store }, 'object removed')
    else log.warn({ image_id: imageId, store }, 'object not removed: it belongs to an image')
  }
}
