import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Deployment } from '../support/deployment.ts'
import { startStandalone } from '../support/deployments.ts'
import type { GlanceHttp } from '../support/glance-http.ts'
import type { ServiceProcess } from '../support/service-process.ts'
import { openRandom } from './random.ts'
import { expectOnly, expectSettled, expectUsable, openScene, QUICK_CONFIG, storeImage } from './scene.ts'

const random = openRandom('standalone')

let deployment: Deployment
let server: ServiceProcess
let member: GlanceHttp
let kept: ReadonlyMap<string, string>

beforeAll(async () => {
  deployment = await startStandalone({ config: QUICK_CONFIG })
  const [only] = deployment.processes('standalone')
  if (only === undefined) throw new Error('there is no process')
  server = only
  member = await deployment.as('member')
  kept = new Map([await storeImage(member)])
})
afterAll(() => deployment?.stop())

const ENDS: Readonly<Record<string, () => Promise<unknown>>> = {
  'is killed': () => server.kill(),
  'is killed again': () => server.kill(),
  'is told to stop': async () => expect(await server.stop()).toBe(0),
}

describe.each(Object.entries(ENDS))('during an upload and a download the process %s', (_what, end) => {
  it('and after the next start nothing is stuck, lost, wrong or left', async () => {
    const before = await member.create({ name: 'only created' })
    const doomed = await member.createWithData('deleted just before')
    const scene = await openScene([member], { active: kept, random })
    await member.delete(doomed.id)
    await end()
    await server.start()
    await deployment.untilServing(30_000)

    const active = await expectSettled(deployment, member, scene)
    expect(await member.show(before.id)).toEqual(before)
    expect((await member.send('GET', `/v2/images/${doomed.id}`)).status).toBe(404)
    const queued = scene.subjects.map(({ id }) => id).filter((id) => !active.has(id))
    await expectUsable(deployment, member, { again: [...queued, before.id], active })
    for (const id of active.keys()) if (!kept.has(id)) await member.delete(id)
    await expectOnly(deployment, [...kept.keys()])
  })
})
