import { jobs, type QueuedJob } from '../contracts/jobs.ts'
import { GlanceError, toGlanceError } from '../errors/error.ts'
import type { JobHandler } from './types.ts'

const LONGEST_PAUSE_MS = 60_000

/** One queue's jobs inside a process: waiting, running, or pausing before the next attempt. */
export interface MemoryLane {
  add(job: QueuedJob): void
  remove(jobId: string): void
  /** Begins to work; one handler at a time may have the lane. */
  work(options: { concurrency: number; handler: JobHandler }): void
  /** Begins nothing more, waits for what runs, and after `graceMs` aborts it. Waiting jobs stay. */
  stop(graceMs: number): Promise<void>
}

interface Waiting {
  job: QueuedJob
  attempt: number
}

/** Opens an empty lane. */
export function openMemoryLane(): MemoryLane {
  const waiting: Waiting[] = []
  const running = new Map<string, AbortController>()
  const pausing = new Map<string, NodeJS.Timeout>()
  let worker: { concurrency: number; handler: JobHandler } | undefined
  let idle: (() => void) | undefined

  const pump = (): void => {
    while (worker !== undefined && running.size < worker.concurrency) {
      const next = waiting.shift()
      if (next === undefined) return
      void run(next, worker.handler)
    }
  }

  const run = async ({ job, attempt }: Waiting, handler: JobHandler): Promise<void> => {
    const kind = jobs[job.name]
    const controller = new AbortController()
    const isLast = attempt >= kind.attempts
    running.set(job.id, controller)
    try {
      await handler({ job, attempt, isLast, signal: controller.signal })
    } catch (thrown) {
      if (toGlanceError(thrown).row.retryable && !isLast) pause({ job, attempt }, kind.backoffMs * 2 ** (attempt - 1))
    } finally {
      running.delete(job.id)
      if (running.size === 0) idle?.()
      pump()
    }
  }

  const pause = ({ job, attempt }: Waiting, ms: number): void => {
    const timer = setTimeout(
      () => {
        pausing.delete(job.id)
        waiting.push({ job, attempt: attempt + 1 })
        pump()
      },
      Math.min(ms, LONGEST_PAUSE_MS),
    )
    pausing.set(job.id, timer.unref())
  }

  return {
    add: (job) => {
      if (running.has(job.id) || pausing.has(job.id) || waiting.some((each) => each.job.id === job.id)) return
      waiting.push({ job, attempt: 1 })
      pump()
    },
    remove: (jobId) => {
      const at = waiting.findIndex((each) => each.job.id === jobId)
      if (at >= 0) waiting.splice(at, 1)
      clearTimeout(pausing.get(jobId))
      pausing.delete(jobId)
    },
    work: (options) => {
      worker = options
      pump()
    },
    stop: async (graceMs) => {
      worker = undefined
      if (running.size === 0) return
      const force = setTimeout(() => {
        for (const each of running.values()) each.abort(new GlanceError('Unavailable', 'the worker stops'))
      }, graceMs)
      await new Promise<void>((resolve) => {
        idle = resolve
      })
      clearTimeout(force)
    },
  }
}
