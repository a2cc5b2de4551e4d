import { GlanceError } from '../errors/error.ts'
import { type MemoryLane, openMemoryLane } from './memory-lane.ts'
import type { CallOptions, JobConsumer, JobQueue, RpcCall, RpcClient, RpcHandler, RpcServer } from './types.ts'

/** The whole bus inside one process. Jobs live here only while they wait or run: their rows stay in the outbox. */
export interface MemoryBus {
  readonly rpcClient: RpcClient
  readonly rpcServer: RpcServer
  readonly jobQueue: JobQueue
  openConsumer(): JobConsumer
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

/** Jobs wait in lanes, one a queue; consumers take from them. */
function openMemoryJobs(): { jobQueue: JobQueue; openConsumer: () => JobConsumer } {
  const lanes = new Map<string, MemoryLane>()
  const laneOf = (name: string): MemoryLane => {
    const known = lanes.get(name) ?? openMemoryLane()
    lanes.set(name, known)
    return known
  }
  return {
    jobQueue: {
      add: async (job) => laneOf(job.queue).add(job),
      remove: async (queue, jobId) => laneOf(queue).remove(jobId),
      close: async () => undefined,
    },
    openConsumer: () => {
      const mine = new Set<MemoryLane>()
      return {
        consume: async (queue, options) => {
          mine.add(laneOf(queue))
          laneOf(queue).work(options)
        },
        close: async (graceMs = 10_000) => {
          await Promise.all([...mine].map((lane) => lane.stop(graceMs)))
        },
      }
    },
  }
}
