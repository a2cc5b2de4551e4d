// The service to be measured: started for the purpose, or one that runs already.
import { get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { startDistributed, startStandalone } from '../../test/dist/support/deployments.js'
import { rssBytesOf } from '../../test/dist/support/proc.js'
import { round } from './figures.mjs'
import { tokenFromEnvironment } from './images-api.mjs'

const MEBIBYTE = 1 << 20
const START_TIMEOUT_MS = 60_000
const POLL_MS = 4

/** Starts a deployment of that kind with a filesystem store that waits for the disk, or does not. */
export async function startDeployment(kind, { fsync }) {
  const start = kind === 'standalone' ? startStandalone : startDistributed
  const deployment = await start({ config: `[glance_store]\nfilesystem_store_fsync = ${fsync}` })
  const servers = Object.values(deployment.servers ?? {})
  return {
    url: deployment.url,
    token: () => deployment.token(),
    processes: () => deployment.processes().map((each) => ({ name: each.name, pid: each.pid() })),
    backends: () => servers.map((server) => ({ name: server.name, pid: server.pid() })),
    restart: () => restart(deployment),
    stop: () => deployment.stop(),
  }
}

/** A server that somebody else runs; nothing of its inside is seen. */
export function remoteDeployment(url, env) {
  return {
    url,
    token: () => tokenFromEnvironment(env),
    processes: () => [],
    backends: () => [],
    stop: async () => undefined,
  }
}

/**
 * Ends all processes, then starts them at the same moment on the data that is there.
 * @returns seconds from the start to the first 200 of the health check, and to the first list after a log-in
 */
async function restart(deployment) {
  const processes = deployment.processes()
  await Promise.all(processes.map((each) => each.stop()))
  const start = performance.now()
  const since = () => (performance.now() - start) / 1000
  const starting = Promise.all(processes.map((each) => each.start()))
  const failure = starting.then(() => new Promise(() => undefined))
  const seconds = await Promise.race([untilHealthy(deployment.url, start).then(since), failure])
  const listed = await Promise.race([untilListed(deployment).then(since), failure])
  await starting
  return { seconds, listed }
}

async function untilHealthy(url, start) {
  while ((await statusOf(`${url}/healthcheck`)) !== 200) {
    if (performance.now() - start > START_TIMEOUT_MS) throw new Error(`${url}/healthcheck does not answer 200`)
    await sleep(POLL_MS)
  }
}

async function untilListed(deployment) {
  const start = performance.now()
  for (;;) {
    try {
      const client = await deployment.as('admin')
      await client.list('?limit=1')
      return
    } catch (error) {
      if (performance.now() - start > START_TIMEOUT_MS) throw error
      await sleep(POLL_MS)
    }
  }
}

function statusOf(url) {
  return new Promise((resolve) => {
    const request = get(url, { agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    request.once('error', () => resolve(0))
  })
}

/** Measures the start on existing data and the memory of idle processes. */
export async function measureStart({ deployment, scale, wants, report }) {
  if (wants('startup')) {
    const runs = []
    for (let run = 0; run < scale.runs; run++) runs.push(await deployment.restart())
    runs.sort((a, b) => a.seconds - b.seconds)
    const { seconds, listed } = runs[Math.floor(runs.length / 2)]
    report('startup', {
      value: seconds,
      extra: { runs: runs.map((each) => round(each.seconds)), first_list_s: round(listed) },
    })
  }
  if (wants('idle_rss')) {
    await deployment.restart()
    await sleep(scale.idleSeconds * 1000)
    const sizes = deployment.processes().map(({ name, pid }) => [name, rssBytesOf(pid) / MEBIBYTE])
    const value = sizes.reduce((sum, [, size]) => sum + size, 0)
    report('idle_rss', { value, extra: Object.fromEntries(sizes.map(([name, size]) => [name, round(size)])) })
  }
}
