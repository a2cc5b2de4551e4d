import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { Deployment } from '../support/deployment.ts'
import { startDistributed } from '../support/deployments.ts'
import { type GlanceHttp, send } from '../support/glance-http.ts'
import { filesUnder } from '../support/leaks.ts'
import { waitFor } from '../support/wait.ts'
import { openRandom } from './random.ts'
import { expectOnly, expectSettled, expectUsable, openScene, QUICK_CONFIG, storeImage } from './scene.ts'

const random = openRandom('one of each')

let deployment: Deployment
let member: GlanceHttp
let kept: ReadonlyMap<string, string>

beforeAll(async () => {
  deployment = await startDistributed({ config: QUICK_CONFIG })
  member = await deployment.as('member')
  kept = new Map([await storeImage(member)])
})
afterAll(() => deployment?.stop())

/** What dies or goes away, and how it comes back. */
interface Mishap {
  harm(): Promise<void>
  repair(): Promise<void>
  /** Whether the API has to say 503 meanwhile. */
  readonly isFelt: boolean
}

function processDies(role: 'api' | 'registry' | 'worker'): Mishap {
  return {
    harm: async () => deployment.processes(role)[0]?.kill(),
    repair: async () => deployment.processes(role)[0]?.start(),
    isFelt: role === 'registry',
  }
}

/** It ends in order or crashes, by chance. */
function serverRestarts(name: 'rabbitmq' | 'redis' | 'database'): Mishap {
  return {
    harm: async () => {
      const how = random.pick(['halt', 'kill'] as const)
      process.stdout.write(`  ${name}: ${how}\n`)
      await deployment.servers?.[name][how]()
    },
    repair: async () => deployment.servers?.[name].start(),
    isFelt: name !== 'redis',
  }
}

async function powerFails(): Promise<void> {
  const { rabbitmq, redis, database } = deployment.servers ?? {}
  await Promise.all([...deployment.processes(), rabbitmq, redis, database].map((each) => each?.kill()))
}

async function powerReturns(): Promise<void> {
  const { rabbitmq, redis, database } = deployment.servers ?? {}
  await Promise.all([rabbitmq, redis, database].map((each) => each?.start()))
  await Promise.all(deployment.processes().map((each) => each.start()))
}

const MISHAPS: Readonly<Record<string, Mishap>> = {
  'the api is killed': processDies('api'),
  'the store worker is killed': processDies('worker'),
  'the registry is killed': processDies('registry'),
  'RabbitMQ goes away and comes back': serverRestarts('rabbitmq'),
  'Redis goes away and comes back': serverRestarts('redis'),
  'MariaDB goes away and comes back': serverRestarts('database'),
  'the power fails': { harm: powerFails, repair: powerReturns, isFelt: false },
}

describe.each(Object.entries(MISHAPS))('during an upload and a download %s', (_what, mishap) => {
  it('and nothing is stuck, lost, wrong or left', async () => {
    const doomed = await member.createWithData('deleted just before')
    const scene = await openScene([member], { active: kept, random })
    await member.delete(doomed.id)
    onTestFinished(() => mishap.repair())
    await mishap.harm()
    if (mishap.isFelt) await expectUnavailable()
    await mishap.repair()
    await deployment.untilServing(30_000)

    const active = await expectSettled(deployment, member, scene)
    const queued = scene.subjects.map(({ id }) => id).filter((id) => !active.has(id))
    await expectUsable(deployment, member, { again: queued, active })
    for (const id of active.keys()) if (!kept.has(id)) await member.delete(id)
    await expectOnly(deployment, [...kept.keys()])
  })
})

it('a deletion that was accepted is carried out after the power failed', async () => {
  const [worker] = deployment.processes('worker')
  const doomed = await member.createWithData('deleted while no worker works')
  // Asleep, so that the job cannot have been done when the power fails.
  await worker?.signal('SIGSTOP')
  await member.delete(doomed.id)
  expect(filesUnder(deployment.storeDir).some((path) => path.endsWith(doomed.id))).toBe(true)
  await powerFails()
  await powerReturns()
  await deployment.untilServing(30_000)
  await expectOnly(deployment, [...kept.keys()])
  expect((await member.send('GET', `/v2/images/${doomed.id}`)).status).toBe(404)
})

it('while no worker is there an upload is refused with 503 in time, and works once one is', async () => {
  const [worker] = deployment.processes('worker')
  onTestFinished(() => worker?.start())
  await worker?.kill()
  const { id } = await member.create()
  const refused = await member.upload(id, 'nobody takes it')
  expect(refused.status).toBe(503)
  expect(refused.headers['retry-after']).toMatch(/^\d+$/)
  expect((await member.show(id)).status).toBe('queued')
  const [first = ''] = kept.keys()
  expect((await member.download(first)).status).toBe(503)
  await worker?.start()
  expect((await member.upload(id, 'now it is taken')).status).toBe(204)
  await member.delete(id)
  await expectOnly(deployment, [...kept.keys()])
})

/** Requests meanwhile are refused soon, with the time to come again; nothing hangs. */
async function expectUnavailable(): Promise<void> {
  const path = '/v2/images?limit=1'
  await waitFor(
    async () => {
      const reply = await send(deployment.url, { method: 'GET', path, token: member.token, timeoutMs: 15_000 })
      if (reply.status === 200) return false
      expect({ status: reply.status, text: reply.text }).toMatchObject({ status: 503 })
      expect(reply.headers['retry-after']).toMatch(/^\d+$/)
      return true
    },
    { what: 'the API goes on as if nothing were missing', timeoutMs: 15_000, everyMs: 100 },
  )
}
