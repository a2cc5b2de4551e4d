import type { JobFunctions } from '@glance/shared/bus/run-job'
import { removeUnknown } from '../transfer/remove.ts'
import { driverOf, type WorkerJobParts } from './parts.ts'

/**
 * Removes what a transfer that is over may have left: its unfinished bytes, and the finished object of a worker that
 * died before it could commit. An object that some row or live transfer knows stays.
 */
export function discardJob({ stores, registry }: WorkerJobParts): JobFunctions['discard'] {
  return async ({ imageId, store, transferId }, { log, context }) => {
    const driver = driverOf(stores, store)
    await driver.discard(imageId, transferId)
    for (const url of await driver.find(imageId)) {
      const isRemoved = await removeUnknown({ registry, context }, { driver, imageId, store, url })
      if (isRemoved) log.info({ image_id: imageId, store, transfer_id: transferId }, 'object without a row removed')
    }
  }
}
