import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import type { Deployment } from '../support/deployment.ts'
import { startDistributed } from '../support/deployments.ts'
import { GlanceHttp } from '../support/glance-http.ts'
import { openRandom } from './random.ts'
import { expectOnly, expectSettled, expectUsable, openScene, QUICK_CONFIG, type Scene, storeImage } from './scene.ts'

const random = openRandom('two of each')

let deployment: Deployment
/** The same caller at either api. */
let clients: GlanceHttp[] = []
let kept: ReadonlyMap<string, string>

beforeAll(async () => {
  deployment = await startDistributed({ apis: 2, registries: 2, workers: 2, config: QUICK_CONFIG })
  const token = await deployment.token('member')
  clients = deployment.facts.urls.map((url) => new GlanceHttp(url, token))
  kept = new Map([await storeImage(at(0))])
})
afterAll(() => deployment?.stop())

function at(index: number): GlanceHttp {
  const client = clients[index]
  if (client === undefined) throw new RangeError(`there is no api ${index}`)
  return client
}

/** Settles, uses the service through `client`, and returns to the images kept. */
async function finish(scene: Scene, client: GlanceHttp): Promise<Map<string, string>> {
  const active = await expectSettled(deployment, client, scene)
  const queued = scene.subjects.map(({ id }) => id).filter((id) => !active.has(id))
  await expectUsable(deployment, client, { again: queued, active })
  return active
}

async function clear(active: ReadonlyMap<string, string>, client: GlanceHttp): Promise<void> {
  for (const id of active.keys()) if (!kept.has(id)) await client.delete(id)
  await expectOnly(deployment, [...kept.keys()])
}

it('a store worker is killed: the other removes its residue and takes what comes', async () => {
  const scene = await openScene(clients, { active: kept, random })
  const victim = random.pick(deployment.processes('worker'))
  onTestFinished(() => victim.start())
  await victim.kill()
  // It stays dead: the other one does it all.
  const active = await expectSettled(deployment, at(0), scene)
  for (const { id } of scene.subjects) {
    if (!active.has(id)) expect(await at(1).upload(id, 'taken by the other')).toMatchObject({ status: 204 })
    await at(0).delete(id)
  }
  const [first = ''] = kept.keys()
  for (const client of [...clients, ...clients]) expect(await client.download(first)).toMatchObject({ status: 200 })
  await expectOnly(deployment, [...kept.keys()])
})

it('a registry is killed: requests go on by the other, and so do transfers', async () => {
  const scene = await openScene(clients, { active: kept, random })
  const statuses: number[] = []
  let isOver = false
  const callers = Array.from({ length: 6 }, async (_each, index) => {
    while (!isOver) {
      const reply = await at(index % 2).send('GET', '/v2/images?limit=5', { timeoutMs: 15_000 })
      statuses.push(reply.status)
      await sleep(20)
    }
  })
  await sleep(300)
  const victim = random.pick(deployment.processes('registry'))
  onTestFinished(() => victim.start())
  await victim.kill()
  await sleep(3_000)
  isOver = true
  await Promise.all(callers)
  expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([])
  expect(statuses.filter((status) => status === 200).length / statuses.length).toBeGreaterThan(0.9)
  for (const { upload } of scene.subjects) expect(await upload.end).toMatchObject({ status: 204 })
  for (const end of scene.downloads) expect(await end.end).toMatchObject({ status: 200, complete: true })
  await clear(await finish(scene, at(0)), at(0))
})

it('an api is killed: its clients see a broken connection, those of the other notice nothing', async () => {
  const scene = await openScene(clients, { active: kept, random })
  const index = Math.floor(random.between(0, 2))
  const victim = deployment.processes('api')[index]
  onTestFinished(() => victim?.start())
  await victim?.kill()
  const other = 1 - index
  expect(await scene.subjects[index]?.upload.end).toBeInstanceOf(Error)
  expect(await scene.subjects[other]?.upload.end).toMatchObject({ status: 204 })
  expect(await scene.downloads[other]?.end).toMatchObject({ status: 200, complete: true })
  await clear(await finish(scene, at(other)), at(other))
})

it('anything is killed at any moment, again and again', async () => {
  for (let round = 1; round <= 2; round++) {
    const scene = await openScene(clients, { active: kept, random })
    const victims = random.some(deployment.processes())
    process.stdout.write(`  round ${round}: ${victims.map(({ name }) => name).join(' ')}\n`)
    for (const victim of victims) {
      await sleep(random.between(0, 200))
      await victim.kill()
    }
    await sleep(random.between(0, 1_000))
    await Promise.all(victims.map((each) => each.start()))
    await deployment.untilServing(30_000)
    await clear(await finish(scene, at(round % 2)), at(round % 2))
  }
})
