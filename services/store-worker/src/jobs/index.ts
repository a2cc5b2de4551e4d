import type { JobFunctions } from '@glance/shared/bus/run-job'
import { deleteJob } from './delete.ts'
import { discardJob } from './discard.ts'
import type { WorkerJobParts } from './parts.ts'
import { uploadJob } from './upload.ts'

/** Every job and what does it. */
export function workerJobs(parts: WorkerJobParts): JobFunctions {
  return { upload: uploadJob(parts), delete: deleteJob(parts), discard: discardJob(parts) }
}
