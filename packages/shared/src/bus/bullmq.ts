import { Queue, UnrecoverableError, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { jobs, type QueuedJob } from '../contracts/jobs.ts'
import { GlanceError, toGlanceError } from '../errors/error.ts'
import type { ConnectionPlan } from './connection.ts'
import type { BusHealth, JobConsumer, JobHandler, JobQueue } from './types.ts'

export interface BullOptions {
  readonly redisUrl: string
  /** Begins every key in Redis. */
  readonly prefix: string
  readonly log: ConnectionPlan<unknown>['log']
}

/** What else the working side is told. */
export interface BullConsumerOptions extends BullOptions {
  /** A job whose worker fell silent for this long is given to another soon after; 30 000 ms when absent. */
  readonly silenceMs?: number
}

const SILENCE_MS = 30_000
const ADD_PATIENCE_MS = 5_000

/** Opens the sending side. `add` fails with Unavailable while Redis is away: the outbox keeps the row and tries again. */
export function openBullQueue(options: BullOptions): JobQueue & { health(): BusHealth } {
  const redis = connectRedis(options, { maxRetriesPerRequest: 1, enableOfflineQueue: false })
  const queues = new Map<string, Queue>()
  const queueOf = (name: string): Queue => {
    const known = queues.get(name)
    if (known !== undefined) return known
    const fresh = new Queue(name, { connection: redis, prefix: options.prefix, skipVersionCheck: true })
    fresh.on('error', () => undefined)
    queues.set(name, fresh)
    return fresh
  }
  return {
    add: async (job) => {
      const kind = jobs[job.name]
      const added = queueOf(job.queue).add(job.name, job, {
        jobId: job.id,
        attempts: kind.attempts,
        backoff: { type: 'exponential', delay: kind.backoffMs },
        // Rows of the outbox are the memory of what is to be done; a job that ended leaves no key behind.
        removeOnComplete: true,
        removeOnFail: true,
      })
      await inTime(added)
    },
    remove: async (queue, jobId) => {
      await inTime(queueOf(queue).remove(jobId))
    },
    close: async () => {
      await Promise.all([...queues.values()].map((queue) => queue.close().catch(() => undefined)))
      redis.disconnect()
    },
    health: () => healthOf(redis),
  }
}

/** Opens the working side; each queue gets a worker of its own. */
export function openBullConsumer(options: BullConsumerOptions): JobConsumer & { health(): BusHealth } {
  const { silenceMs = SILENCE_MS } = options
  const redis = connectRedis(options, { maxRetriesPerRequest: null })
  const workers: Worker[] = []
  const force = new AbortController()
  return {
    consume: async (queue, { concurrency, handler }) => {
      const worker = new Worker<QueuedJob>(queue, (job) => runOne(job, { handler, signal: force.signal }), {
        connection: redis,
        prefix: options.prefix,
        concurrency,
        lockDuration: silenceMs,
        stalledInterval: silenceMs / 2,
        maxStalledCount: 3,
        skipVersionCheck: true,
      })
      worker.on('error', (error) => options.log.warn({ part: 'bullmq', queue, why: error.message }, 'queue trouble'))
      workers.push(worker as Worker)
    },
    close: async (graceMs = 10_000) => {
      const timer = setTimeout(() => force.abort(new GlanceError('Unavailable', 'the worker stops')), graceMs)
      await Promise.all(workers.map((worker) => worker.close()))
      clearTimeout(timer)
      redis.disconnect()
    },
    health: () => healthOf(redis),
  }
}

async function runOne(
  job: { data: QueuedJob; attemptsMade: number },
  run: { handler: JobHandler; signal: AbortSignal },
): Promise<void> {
  const attempt = job.attemptsMade + 1
  const kind = jobs[job.data.name]
  try {
    await run.handler({ job: job.data, attempt, isLast: attempt >= kind.attempts, signal: run.signal })
  } catch (thrown) {
    const error = toGlanceError(thrown)
    if (!error.row.retryable) throw new UnrecoverableError(error.message)
    throw error
  }
}

function connectRedis(
  options: BullOptions,
  settings: { maxRetriesPerRequest: number | null; enableOfflineQueue?: boolean },
): Redis {
  const redis = new Redis(options.redisUrl, {
    ...settings,
    retryStrategy: (times) => Math.min(times * 100, 2_000),
  })
  redis.on('error', (error) => options.log.warn({ part: 'redis', why: error.message }, 'redis trouble; trying again'))
  return redis
}

function healthOf(redis: Redis): BusHealth {
  return { name: 'redis', ok: redis.status === 'ready', ...(redis.status === 'ready' ? {} : { detail: redis.status }) }
}

/** BullMQ waits for a connection without end; the outbox would rather try again later. */
async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new GlanceError('Unavailable', 'the job queue does not answer')), ADD_PATIENCE_MS)
  })
  work.catch(() => undefined)
  try {
    return await Promise.race([work, late])
  } catch (thrown) {
    throw thrown instanceof GlanceError
      ? thrown
      : new GlanceError('Unavailable', 'the job queue cannot be reached', { cause: thrown })
  } finally {
    clearTimeout(timer)
  }
}
