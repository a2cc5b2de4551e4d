import type { Log } from '@glance/shared/log'
import type { Database } from '../db/client.ts'
import { deleteExpiredTokens } from '../db/tokens.ts'
import { expiredTransfers, forgetTransfers } from '../db/transfers.ts'

export interface SweepOptions {
  readonly database: Database
  readonly log: Log
  readonly intervalMs: number
  /** Ends a transfer as its own holder would have; the first of several registries wins. */
  readonly failTransfer: (transferId: string, reason: string) => Promise<unknown>
}

/** Looks now and then for what has expired: leases, the memory of ended transfers, tokens. */
export interface Sweep {
  start(): void
  /** Finishes the row in hand. */
  stop(): Promise<void>
}

/** Rows of each kind one round takes: what is left waits for the next. */
const BATCH = 100
const REASON = 'The lease expired: nobody moved the bytes any longer.'

/** Opens a sweep; it does nothing before `start`. */
export function openSweep(options: SweepOptions): Sweep {
  let timer: NodeJS.Timeout | undefined
  let round: Promise<void> | undefined
  let isStopped = true
  let isFailing = false

  const begin = (): void => {
    round = sweepOnce(options, () => isStopped)
      .then(() => {
        isFailing = false
      })
      .catch((err: unknown) => {
        if (!isFailing) options.log.warn({ err }, 'expired leases cannot be looked for at the moment')
        isFailing = true
      })
      .finally(() => {
        // Several registries started together must not all look at the same moment for ever.
        if (!isStopped) timer = setTimeout(begin, options.intervalMs * (0.75 + Math.random() / 2))
      })
  }
  return {
    start: () => {
      isStopped = false
      begin()
    },
    stop: async () => {
      isStopped = true
      clearTimeout(timer)
      await round
    },
  }
}

async function sweepOnce({ database, log, failTransfer }: SweepOptions, isStopped: () => boolean): Promise<void> {
  const now = new Date()
  for (const id of await expiredTransfers(database, now, BATCH)) {
    if (isStopped()) return
    // One that cannot be ended must not keep the others waiting.
    await failTransfer(id, REASON).catch((err: unknown) => {
      log.warn({ err, transfer_id: id }, 'an expired transfer could not be ended; it will be tried again')
    })
  }
  await forgetTransfers(database, now, BATCH)
  await deleteExpiredTokens(database, now, BATCH)
}
