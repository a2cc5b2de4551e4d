import type { JobQueue } from '@glance/shared/bus/types'
import type { Log } from '@glance/shared/log'
import type { Database } from '../db/client.ts'
import { claimJob, type OutboxRow, releaseAllJobs, releaseJob, unfinishedJobs, unpublishedJobs } from '../db/outbox.ts'

export interface RelayOptions {
  readonly database: Database
  readonly jobQueue: JobQueue
  readonly log: Log
  /** Pause between two looks nobody asked for, in ms. */
  readonly intervalMs: number
  /** Age in ms at which a job that was published and not finished is published again. */
  readonly republishAfterMs: number
  /** Publishes everything again at start: for a queue that lives in this process. */
  readonly republishOnStart: boolean
}

/** Carries jobs from the outbox to their queues, at least once. Several registries may do so at once. */
export interface Relay {
  start(): void
  /** Tells that a row was committed just now; never waits. */
  kick(): void
  /** Finishes the row in hand. */
  stop(): Promise<void>
}

const PAGE = 100
const FIRST_BACKOFF_MS = 100
const LONGEST_BACKOFF_MS = 10_000

/** Opens a relay; it does nothing before `start`. */
export function openRelay(options: RelayOptions): Relay {
  const { log, intervalMs, republishAfterMs } = options
  let timer: NodeJS.Timeout | undefined
  let round: Promise<void> | undefined
  let isAsked = false
  let isStopped = true
  let isFresh = options.republishOnStart
  let failures = 0
  let nextUnfinished = 0

  const schedule = (delayMs: number): void => {
    clearTimeout(timer)
    if (!isStopped) timer = setTimeout(begin, delayMs)
  }
  const work = async (): Promise<void> => {
    if (isFresh) await releaseAllJobs(options.database)
    isFresh = false
    do {
      isAsked = false
      await publishAll(options, () => isStopped)
    } while (isAsked && !isStopped)
    if (Date.now() < nextUnfinished) return
    await republish(options)
    nextUnfinished = Date.now() + republishAfterMs / 4
  }
  const begin = (): void => {
    if (isStopped || round !== undefined) return
    clearTimeout(timer)
    round = work()
      .then(() => {
        failures = 0
        schedule(isAsked ? 0 : intervalMs)
      })
      .catch((err: unknown) => {
        failures += 1
        const backoff = Math.min(FIRST_BACKOFF_MS * 2 ** failures, LONGEST_BACKOFF_MS)
        if (failures === 1) log.warn({ err }, 'jobs cannot be published at the moment; the outbox keeps them')
        schedule(backoff)
      })
      .finally(() => {
        round = undefined
      })
  }
  return {
    start: () => {
      isStopped = false
      begin()
    },
    kick: () => {
      isAsked = true
      // While the queue is down only the back-off decides when it is tried.
      if (failures === 0) begin()
    },
    stop: async () => {
      isStopped = true
      clearTimeout(timer)
      await round
    },
  }
}

async function publishAll(options: RelayOptions, isStopped: () => boolean): Promise<void> {
  for (;;) {
    const rows = await unpublishedJobs(options.database, PAGE)
    for (const row of rows) {
      if (isStopped()) return
      await publish(options, row)
    }
    if (rows.length < PAGE) return
  }
}

/** One page a round: what a queue lost is not urgent, and must not keep new jobs waiting. */
async function republish(options: RelayOptions): Promise<void> {
  const before = new Date(Date.now() - options.republishAfterMs)
  for (const row of await unfinishedJobs(options.database, before, PAGE)) await publish(options, row)
}

/** The claim comes first, so that of several registries one publishes. A crash in between leaves an unfinished job. */
async function publish({ database, jobQueue }: RelayOptions, row: OutboxRow): Promise<void> {
  if (!(await claimJob(database, row, new Date()))) return
  try {
    await jobQueue.add(row.job)
  } catch (thrown) {
    await releaseJob(database, row)
    throw thrown
  }
}
