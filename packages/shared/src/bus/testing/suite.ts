import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serviceContext } from '../../context.ts'
import type { QueuedJob } from '../../contracts/jobs.ts'
import { GlanceError } from '../../errors/error.ts'
import type { JobConsumer, JobHandler, JobQueue, RpcClient, RpcServer } from '../types.ts'

/** One bus under test. `openWorker` makes a consumer of its own, so that each case has its own handler. */
export interface BusUnderTest {
  client: RpcClient
  server: RpcServer
  queue: JobQueue
  openWorker(): JobConsumer
  close(): Promise<void>
}

const context = serviceContext('req-suite')
const call = (method: string, input: unknown = {}) => ({ method, context, input })
const jobOf = (queue: string, name: QueuedJob['name'] = 'delete'): QueuedJob => ({
  id: randomUUID(),
  name,
  queue,
  payload: { n: 1 },
  requestId: 'req-suite',
})

async function until(claim: () => boolean, what: string): Promise<void> {
  const end = Date.now() + 20_000
  while (!claim()) {
    if (Date.now() > end) throw new Error(`never came true: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** Everything a bus promises in bus/types.ts; the in-process one and the brokers' run the same cases. */
export function busSuite(name: string, open: () => Promise<BusUnderTest>): void {
  describe(`bus: ${name}`, () => {
    let bus: BusUnderTest
    beforeAll(async () => {
      bus = await open()
    }, 60_000)
    afterAll(() => bus.close(), 30_000)
    rpcCases(() => bus)
    jobCases(() => bus)
  })
}

function rpcCases(bus: () => BusUnderTest): void {
  it('answers a call with the result', async () => {
    const queue = `suite.${randomUUID()}`
    await bus().server.serve(queue, async (message) => ({
      method: message.method,
      got: message.input,
      by: message.context.roles,
    }))
    const answer = await bus().client.call(queue, call('echo', { a: '日本 😀', n: 1.5 }))
    expect(answer).toEqual({ method: 'echo', got: { a: '日本 😀', n: 1.5 }, by: ['service'] })
  })

  it('takes a patience that is no whole number of milliseconds', async () => {
    const queue = `suite.${randomUUID()}`
    await bus().server.serve(queue, async () => 'answer')
    expect(await bus().client.call(queue, call('any'), { timeoutMs: 10_000 / 3 })).toBe('answer')
  })

  it('carries an error with code and message, and hides what is not one of ours', async () => {
    const queue = `suite.${randomUUID()}`
    await bus().server.serve(queue, async (message) => {
      if (message.method === 'odd') throw new TypeError('secret detail')
      throw new GlanceError('Duplicate', 'image x exists')
    })
    await expect(bus().client.call(queue, call('known'))).rejects.toMatchObject({
      code: 'Duplicate',
      message: 'image x exists',
    })
    await expect(bus().client.call(queue, call('odd'))).rejects.toSatisfy(
      (thrown) => !(thrown instanceof GlanceError) || !thrown.message.includes('secret'),
    )
  })

  it('fails at once with Unavailable when nobody serves the queue', async () => {
    const answer = bus().client.call(`suite.${randomUUID()}`, call('x'), { timeoutMs: 60_000 })
    await expect(answer).rejects.toMatchObject({ code: 'Unavailable' })
  }, 5_000)

  it('fails with DeadlineExceeded when no answer comes in time', async () => {
    const queue = `suite.${randomUUID()}`
    await bus().server.serve(queue, () => new Promise(() => undefined))
    await expect(bus().client.call(queue, call('slow'), { timeoutMs: 100 })).rejects.toMatchObject({
      code: 'DeadlineExceeded',
    })
  })

  it('keeps 200 calls at once apart, answers of 2 MB included', async () => {
    const queue = `suite.${randomUUID()}`
    await bus().server.serve(queue, async (message) => {
      const n = (message.input as { n: number }).n
      return { n, body: n % 50 === 0 ? 'x'.repeat(2_000_000) : '' }
    })
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, n) => bus().client.call(queue, call('many', { n }))),
    )
    expect(answers.map((answer) => (answer as { n: number }).n)).toEqual(Array.from({ length: 200 }, (_, n) => n))
  })
}

function jobCases(bus: () => BusUnderTest): void {
  const working = async (queue: string, handler: JobHandler, concurrency = 1): Promise<JobConsumer> => {
    const worker = bus().openWorker()
    await worker.consume(queue, { concurrency, handler })
    return worker
  }

  it('runs a job once and tells the handler all of it', async () => {
    const queue = `suite-${randomUUID()}`
    const seen: unknown[] = []
    const worker = await working(queue, async (attempt) => {
      seen.push({ job: attempt.job, attempt: attempt.attempt, isLast: attempt.isLast })
    })
    const job = jobOf(queue)
    await bus().queue.add(job)
    await until(() => seen.length > 0, 'the job runs')
    expect(seen).toEqual([{ job, attempt: 1, isLast: false }])
    await worker.close(1_000)
  })

  it('tries again what can succeed later, and not what cannot', async () => {
    const queue = `suite-${randomUUID()}`
    const attempts: Record<string, number[]> = { later: [], never: [] }
    const worker = await working(queue, async ({ job, attempt }) => {
      const kind = (job.payload as { kind: string }).kind
      attempts[kind]?.push(attempt)
      if (kind === 'never') throw new GlanceError('BadRequest')
      if (attempt < 2) throw new GlanceError('Unavailable')
    })
    await bus().queue.add({ ...jobOf(queue), payload: { kind: 'never' } })
    await bus().queue.add({ ...jobOf(queue), payload: { kind: 'later' } })
    await until(() => attempts.later?.length === 2, 'the retryable job is tried twice')
    expect(attempts).toEqual({ later: [1, 2], never: [1] })
    await worker.close(1_000)
  }, 30_000)

  it('takes a job added twice once, and not one withdrawn before it began', async () => {
    const queue = `suite-${randomUUID()}`
    const seen: string[] = []
    const twice = jobOf(queue)
    const withdrawn = jobOf(queue)
    await bus().queue.add(twice)
    await bus().queue.add(twice)
    await bus().queue.add(withdrawn)
    await bus().queue.remove(queue, withdrawn.id)
    const last = jobOf(queue)
    await bus().queue.add(last)
    const worker = await working(queue, async ({ job }) => {
      seen.push(job.id)
    })
    await until(() => seen.includes(last.id), 'the last job runs')
    expect(seen).toEqual([twice.id, last.id])
    await worker.close(1_000)
  })

  it('works on as many at once as it was told, and close waits for those in hand', async () => {
    const queue = `suite-${randomUUID()}`
    let now = 0
    let most = 0
    let done = 0
    const worker = await working(
      queue,
      async () => {
        now += 1
        most = Math.max(most, now)
        await new Promise((resolve) => setTimeout(resolve, 100))
        now -= 1
        done += 1
      },
      3,
    )
    for (let n = 0; n < 6; n += 1) await bus().queue.add(jobOf(queue))
    await until(() => done >= 3, 'three jobs end')
    await worker.close(5_000)
    expect(most).toBe(3)
    expect(now).toBe(0)
  })
}
