import { type Static, Type } from 'typebox'
import { job } from './define.ts'
import { ByteAddressSchema } from './transfer.ts'

/** The queue of one store's jobs; workers configured for the store consume it. */
export function jobQueueName(storeId: string): string {
  return `glance-store-${storeId}`
}

/** Every job, its payload and how it is tried. A handler may run twice: it asks the registry first. */
export const jobs = {
  /** Pulls an upload from the api that holds it. Tried once: the bytes cannot be asked for again. */
  upload: job(
    Type.Object({
      transferId: Type.String(),
      imageId: Type.String(),
      store: Type.String(),
      source: ByteAddressSchema,
      size: Type.Optional(Type.Integer()),
      /** Bytes after which the transfer stops with TooLarge. */
      sizeLimit: Type.Integer(),
      diskFormat: Type.String(),
      containerFormat: Type.String(),
    }),
    { attempts: 1, backoffMs: 0 },
  ),
  /** Removes the bytes of a deleted image. Absent counts as done. */
  delete: job(Type.Object({ imageId: Type.String(), store: Type.String(), url: Type.String() }), {
    attempts: 25,
    backoffMs: 2_000,
  }),
  /** Removes what a transfer that ended without success may have left in a store. */
  discard: job(Type.Object({ imageId: Type.String(), store: Type.String(), transferId: Type.String() }), {
    attempts: 25,
    backoffMs: 2_000,
  }),
} as const
export type Jobs = typeof jobs
export type JobName = keyof Jobs

/** A job row as it leaves the outbox. */
export const QueuedJobSchema = Type.Object({
  /** Outbox row id: unique, and the queue's key, so that publishing twice is one job. */
  id: Type.String(),
  name: Type.Unsafe<JobName>({ type: 'string', enum: Object.keys(jobs) }),
  queue: Type.String(),
  payload: Type.Unknown(),
  requestId: Type.String(),
})
export type QueuedJob = Static<typeof QueuedJobSchema>
