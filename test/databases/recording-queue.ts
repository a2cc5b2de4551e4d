import type { JobQueue } from '@glance/shared/bus/types'
import type { QueuedJob } from '@glance/shared/contracts/jobs'
import { GlanceError } from '@glance/shared/errors/error'

/** A job queue that writes down what it was told, and can be down. */
export interface RecordingQueue extends JobQueue {
  /** Jobs it took, repetitions included, in order. */
  readonly added: readonly QueuedJob[]
  readonly removed: readonly { readonly queue: string; readonly jobId: string }[]
  /** How often somebody tried to add a job, also while it was down. */
  readonly attempts: number
  isDown: boolean
  /** Runs while a job is being taken, before the answer. */
  onAdd: (job: QueuedJob) => void | Promise<void>
}

export function openRecordingQueue(): RecordingQueue {
  const added: QueuedJob[] = []
  const removed: { queue: string; jobId: string }[] = []
  let attempts = 0
  const queue = {
    added,
    removed,
    isDown: false,
    onAdd: (_job: QueuedJob): void | Promise<void> => undefined,
    get attempts() {
      return attempts
    },
    add: async (job: QueuedJob) => {
      attempts += 1
      if (queue.isDown) throw new GlanceError('Unavailable', 'the job queue is down')
      await queue.onAdd(job)
      added.push(job)
    },
    remove: async (name: string, jobId: string) => {
      if (queue.isDown) throw new GlanceError('Unavailable', 'the job queue is down')
      removed.push({ queue: name, jobId })
    },
    close: async () => undefined,
  }
  return queue
}
