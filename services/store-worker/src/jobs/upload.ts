import type { JobFunctions } from '@glance/shared/bus/run-job'
import type { OpenUpload } from '@glance/shared/contracts/bytes'
import { encodeError, isCode } from '@glance/shared/errors/error'
import { transfer } from '../transfer/transfer.ts'
import { driverOf, type WorkerJobParts } from './parts.ts'

/**
 * Pulls an upload from the api that holds it into a store, and tells the api how it ended. The end of the transfer is
 * the end of the job, success or not: the bytes cannot be asked for again.
 */
export function uploadJob({ stores, uploads, transfers }: WorkerJobParts): JobFunctions['upload'] {
  return async (payload, { log, signal, context }) => {
    const { transferId, imageId, store, source, sizeLimit, diskFormat, containerFormat } = payload
    const bound = log.child({ image_id: imageId, transfer_id: transferId, store })
    let upload: OpenUpload | undefined
    try {
      await transfer(transfers, {
        transferId,
        imageId,
        store,
        driver: driverOf(stores, store),
        ...(payload.size !== undefined && { size: payload.size }),
        sizeLimit,
        diskFormat,
        containerFormat,
        requestId: context.requestId,
        log: bound,
        signal,
        open: async (ended) => {
          upload = await uploads.open(source, ended)
          return upload
        },
      })
      await upload?.report({ ok: true })
    } catch (thrown) {
      await upload?.report({ ok: false, error: encodeError(thrown) })
      // Without an upload nothing was begun: whether to try again depends on why.
      if (upload === undefined && !isCode(thrown, 'LeaseLost', 'TicketRefused')) throw thrown
      bound.info({ err: thrown }, 'upload ended without success')
    }
  }
}
