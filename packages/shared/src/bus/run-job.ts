import { Compile } from 'typebox/compile'
import { type CallContext, serviceContext } from '../context.ts'
import type { JobPayload } from '../contracts/define.ts'
import { type JobName, type Jobs, jobs } from '../contracts/jobs.ts'
import type { RegistryRpc } from '../contracts/registry-rpc.ts'
import { GlanceError, toGlanceError } from '../errors/error.ts'
import type { Log } from '../log.ts'
import type { TypedClient } from './client.ts'
import type { JobAttempt, JobHandler } from './types.ts'

/** What a job's function is told beside its payload. */
export interface JobScope {
  readonly jobId: string
  readonly context: CallContext
  /** Every line carries job, attempt and request. */
  readonly log: Log
  /** 1 for the first. */
  readonly attempt: number
  readonly isLast: boolean
  readonly signal: AbortSignal
}

/** One function per job of the contract: a missing or extra one does not compile. May be called twice for one job. */
export type JobFunctions = {
  readonly [N in JobName]: (payload: JobPayload<Jobs[N]>, scope: JobScope) => Promise<void>
}

export interface JobParts {
  readonly registry: Pick<TypedClient<RegistryRpc>, 'finishJob'>
  readonly log: Log
}

/**
 * Surrounds every job: checks the payload, binds the log, tells what became of it. A job that succeeds, or fails in a
 * way that trying again cannot mend, is finished at the registry. Other failures are thrown, so that the queue tries
 * again; after the last attempt the job's row is still in the outbox, from where it is published again later.
 */
export function jobHandler(functions: JobFunctions, { registry, log }: JobParts): JobHandler {
  const checks = new Map(Object.entries(jobs).map(([name, kind]) => [name, Compile(kind.payload)]))

  const run = async ({ job, attempt, isLast, signal }: JobAttempt, scopeLog: Log): Promise<void> => {
    const check = checks.get(job.name)
    if (check === undefined) throw new GlanceError('NotImplemented', `no job ${String(job.name)}`)
    if (!check.Check(job.payload)) {
      const fault = check.Errors(job.payload)[0]
      throw new GlanceError('BadRequest', `${job.name}${fault?.instancePath ?? ''} ${fault?.message ?? 'is malformed'}`)
    }
    const call = functions[job.name] as (payload: unknown, scope: JobScope) => Promise<void>
    const context = serviceContext(job.requestId)
    await call(job.payload, { jobId: job.id, context, log: scopeLog, attempt, isLast, signal })
  }

  return async (begun) => {
    const { job, attempt, isLast } = begun
    const bound = log.child({ job: job.name, job_id: job.id, attempt, request_id: job.requestId })
    const began = performance.now()
    const took = () => ({ ms: Math.round(performance.now() - began) })
    bound.debug('job begins')
    try {
      await run(begun, bound)
      bound.info(took(), 'job done')
    } catch (thrown) {
      const err = toGlanceError(thrown)
      if (err.row.retryable) {
        if (isLast) bound.error({ ...took(), err }, 'job failed in its last attempt; it stays in the outbox')
        else bound.warn({ ...took(), err }, 'job failed; it is tried again')
        throw err
      }
      bound.error({ ...took(), err }, 'job failed for good')
    }
    // Not to be told is no failure of the job: published again, it finds that there is nothing left to do.
    await registry.finishJob(serviceContext(job.requestId), { jobId: job.id }).catch((err: unknown) => {
      bound.warn({ err }, 'the end of a job was not noted; it will be published again')
    })
  }
}
