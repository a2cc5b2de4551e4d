import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { QueuedJob } from '../contracts/jobs.ts'
import { GlanceError } from '../errors/error.ts'
import { silentLog } from '../log/silent.ts'
import type { Log, LogFields } from '../log.ts'
import { type JobFunctions, jobHandler } from './run-job.ts'

const { signal } = new AbortController()
const payload = { imageId: 'i', store: 'main', url: 'memory:///i' }
const job: QueuedJob = { id: 'job-1', name: 'delete', queue: 'q', payload, requestId: 'req-1' }

const remove = vi.fn<JobFunctions['delete']>()
const finishJob = vi.fn(async () => ({}))
let lines: [level: string, ...told: unknown[]][]
let bound: LogFields | undefined

beforeEach(() => {
  vi.resetAllMocks()
  lines = []
  finishJob.mockResolvedValue({})
})

function run(more: Partial<QueuedJob> = {}, isLast = false): Promise<void> {
  const note =
    (level: string) =>
    (...told: unknown[]) =>
      void lines.push([level, ...told])
  const log: Log = {
    ...silentLog,
    info: note('info'),
    warn: note('warn'),
    error: note('error'),
    child: (fields) => {
      bound = fields
      return log
    },
  }
  const never = async () => undefined
  const handler = jobHandler({ upload: never, discard: never, delete: remove }, { registry: { finishJob }, log })
  return handler({ job: { ...job, ...more }, attempt: 2, isLast, signal })
}

describe('running a job', () => {
  it('hands the payload over, and finishes at the registry', async () => {
    await run()
    expect(remove).toHaveBeenCalledWith(
      payload,
      expect.objectContaining({ jobId: 'job-1', attempt: 2, isLast: false, signal }),
    )
    expect(remove.mock.calls[0]?.[1].context).toMatchObject({ requestId: 'req-1', roles: ['service'] })
    expect(finishJob).toHaveBeenCalledWith(expect.objectContaining({ requestId: 'req-1' }), { jobId: 'job-1' })
    expect(bound).toEqual({ job: 'delete', job_id: 'job-1', attempt: 2, request_id: 'req-1' })
    expect(lines).toEqual([['info', { ms: expect.any(Number) }, 'job done']])
  })

  it('finishes a job that can never succeed', async () => {
    remove.mockRejectedValue(new GlanceError('StoreReadOnly'))
    await run()
    expect(finishJob).toHaveBeenCalledTimes(1)
    expect(lines[0]?.[0]).toBe('error')
  })

  it.each([
    [false, 'warn'],
    [true, 'error'],
  ])('throws what may pass, so that it is tried again (last attempt: %s)', async (isLast, level) => {
    remove.mockRejectedValue(new GlanceError('StoreUnavailable'))
    await expect(run({}, isLast)).rejects.toMatchObject({ code: 'StoreUnavailable' })
    expect(finishJob).not.toHaveBeenCalled()
    expect(lines[0]?.[0]).toBe(level)
  })

  it('takes what is no GlanceError for a fault that may pass', async () => {
    remove.mockRejectedValue(new TypeError('a bug'))
    await expect(run()).rejects.toMatchObject({ code: 'Internal' })
  })

  it('refuses a payload that breaks its schema, naming field and rule', async () => {
    await run({ payload: { ...payload, url: 7 } })
    expect(remove).not.toHaveBeenCalled()
    expect(finishJob).toHaveBeenCalledTimes(1)
    expect(lines[0]?.[1]).toMatchObject({
      err: { code: 'BadRequest', message: expect.stringMatching(/delete\/url.*string/) },
    })
  })

  it('refuses a job of another version', async () => {
    await run({ name: 'reticulate' as 'delete' })
    expect(lines[0]?.[1]).toMatchObject({ err: { code: 'NotImplemented' } })
    expect(finishJob).toHaveBeenCalledTimes(1)
  })

  it('succeeds even when the registry does not hear of it', async () => {
    finishJob.mockRejectedValue(new GlanceError('Unavailable'))
    await run()
    expect(lines.at(-1)?.[0]).toBe('warn')
  })
})
