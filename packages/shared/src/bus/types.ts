import type { CallContext } from '../context.ts'
import type { QueuedJob } from '../contracts/jobs.ts'

/** One RPC call as it travels. */
export interface RpcCall {
  method: string
  context: CallContext
  input: unknown
}

export interface CallOptions {
  /** False: never give the call to a second server when the first died with it. Default true. */
  repeatable?: boolean
  /** The caller's patience in ms; the message dies with it. */
  timeoutMs?: number
  signal?: AbortSignal
}

/**
 * Asks a queue. Rejects with the GlanceError the server threw; Unavailable at once when nobody serves the queue or
 * the broker is away; DeadlineExceeded when no answer came in time. Never hangs.
 */
export interface RpcClient {
  call(queue: string, call: RpcCall, options?: CallOptions): Promise<unknown>
  close(): Promise<void>
}

export type RpcHandler = (call: RpcCall, signal: AbortSignal) => Promise<unknown>

/** Serves queues; several servers of one queue share its calls. */
export interface RpcServer {
  serve(queue: string, handler: RpcHandler): Promise<void>
  /** Takes no new call, finishes those in hand. */
  close(): Promise<void>
}

/** Puts jobs on queues. Adding an id that is waiting or running changes nothing. */
export interface JobQueue {
  add(job: QueuedJob): Promise<void>
  /** Withdraws a job that nobody has begun; no error when it runs or is gone. */
  remove(queue: string, jobId: string): Promise<void>
  close(): Promise<void>
}

export interface JobAttempt {
  readonly job: QueuedJob
  /** 1 for the first. */
  readonly attempt: number
  readonly isLast: boolean
  readonly signal: AbortSignal
}
export type JobHandler = (attempt: JobAttempt) => Promise<void>

/** Works on queues. A handler that throws a retryable error is called again after the job's back-off. */
export interface JobConsumer {
  consume(queue: string, options: { concurrency: number; handler: JobHandler }): Promise<void>
  /** Takes no new job and waits for those in hand, at most `graceMs`; then aborts them. */
  close(graceMs?: number): Promise<void>
}

/** How a part of the bus is doing, for health answers. */
export interface BusHealth {
  name: string
  ok: boolean
  detail?: string
}
