import type { JobFunctions } from '@glance/shared/bus/run-job'
import { driverOf, type WorkerJobParts } from './parts.ts'

/** Removes what a transfer that is over may have left unfinished. It never touches a finished object. */
export function discardJob({ stores }: WorkerJobParts): JobFunctions['discard'] {
  return async ({ imageId, store, transferId }, { log }) => {
    await driverOf(stores, store).discard(imageId, transferId)
    log.debug({ image_id: imageId, store, transfer_id: transferId }, 'residue removed')
  }
}
