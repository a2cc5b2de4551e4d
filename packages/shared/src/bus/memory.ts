import type { QueuedJob } from '../contracts/jobs.ts'
import { jobs } from '../contracts/jobs.ts'
import { GlanceError, toGlanceError } from '../errors/error.ts'
import type { CallOptions, JobConsumer, JobHandler, JobQueue, RpcCall, RpcClient, RpcHandler, RpcServer } from './types.ts'

/** The whole bus inside one process. Jobs live here only while they wait or run: their rows stay in the outbox. */
export interface MemoryBus {
  readonly rpcClient: RpcClient
  readonly rpcServer: RpcServer
  readonly jobQueue: JobQueue
  readonly jobConsumer: JobConsumer
}

/** Opens a bus for one process; the same contract as the brokers', without a byte on a wire. */
export function openMemoryBus(): MemoryBus {
  return { ...openMemoryRpc(), ...openMemoryJobs() }
}

function openMemoryRpc(): { rpcClient: RpcClient; rpcServer: RpcServer } {
  const handlers = new Map<string, RpcHandler>()
  const call = async (queue: string, message: RpcCall, options: CallOptions = {}): Promise<unknown> => {
    const handler = handlers.get(queue)
    if (handler === undefined) throw new GlanceError('Unavailable', `nothing serves ${queue} at the moment`)
    return withDeadline(handler, message, options)
  }
  return {
    rpcClient: { call, close: async () => undefined },
    rpcServer: {
      serve: async (queue, handler) => {
        handlers.set(queue, handler)
      },
      close: async () => handlers.clear(),
    },
  }
}

/** A handler in the same process is only left alone, not stopped, when the caller's patience ends first. */
async function withDeadline(handler: RpcHandler, message: RpcCall, options: CallOptions): Promise<unknown> {
  const never = new AbortController()
  const work = handler(message, options.signal ?? never.signal)
  if (options.timeoutMs === undefined) return work
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new GlanceError('DeadlineExceeded')), options.timeoutMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

interface Lane {
  waiting: QueuedJob[]
  running: Map<string, AbortController>
  pauses: Map<string, NodeJS.Timeout>
  concurrency: number
  handler?: JobHandler
}

function openMemoryJobs(): { jobQueue: JobQueue; jobConsumer: JobConsumer } {
  const lanes = new Map<string, Lane>()
  let closing = false
  let idle: (() => void) | undefined

  const lane = (name: string): Lane => {
    const known = lanes.get(name)
    if (known !== undefined) return known
    const fresh: Lane = { waiting: [], running: new Map(), pauses: new Map(), concurrency: 0 }
    lanes.set(name, fresh)
    return fresh
  }
  const isBusy = () => [...lanes.values()].some((each) => each.running.size > 0)

  const pump = (on: Lane): void => {
    while (!closing && on.handler !== undefined && on.running.size < on.concurrency) {
      const next = on.waiting.shift()
      if (next === undefined) return
      void attempt(on, next, 1)
    }
  }

  const attempt = async (on: Lane, job: QueuedJob, count: number): Promise<void> => {
    const handler = on.handler
    if (handler === undefined) return
    const kind = jobs[job.name]
    const controller = new AbortController()
    on.running.set(job.id, controller)
    try {
      await handler({ job, attempt: count, isLast: count >= kind.attempts, signal: controller.signal })
    } catch (thrown) {
      if (toGlanceError(thrown).row.retryable && count < kind.attempts && !closing) {
        const pause = Math.min(kind.backoffMs * 2 ** (count - 1), 60_000)
        on.pauses.set(
          job.id,
          setTimeout(() => {
            on.pauses.delete(job.id)
            void attempt(on, job, count + 1)
          }, pause),
        )
      }
    } finally {
      on.running.delete(job.id)
      if (closing && !isBusy()) idle?.()
      pump(on)
    }
  }

  return {
    jobQueue: {
      add: async (job) => {
        const on = lane(job.queue)
        const known = on.running.has(job.id) || on.pauses.has(job.id) || on.waiting.some((each) => each.id === job.id)
        if (known || closing) return
        on.waiting.push(job)
        pump(on)
      },
      remove: async (queue, jobId) => {
        const on = lane(queue)
        on.waiting = on.waiting.filter((each) => each.id !== jobId)
      },
      close: async () => undefined,
    },
    jobConsumer: {
      consume: async (queue, options) => {
        const on = lane(queue)
        on.handler = options.handler
        on.concurrency = options.concurrency
        pump(on)
      },
      close: async (graceMs = 10_000) => {
        closing = true
        for (const on of lanes.values()) for (const pause of on.pauses.values()) clearTimeout(pause)
        if (!isBusy()) return
        const done = new Promise<void>((resolve) => {
          idle = resolve
        })
        const force = setTimeout(() => {
          for (const on of lanes.values()) for (const run of on.running.values()) run.abort(new GlanceError('Unavailable', 'the worker stops'))
        }, graceMs)
        await done
        clearTimeout(force)
      },
    },
  }
}
