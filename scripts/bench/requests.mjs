// Small requests: show, list, create, and paging through everything.
import { runHttpLoadChild } from '../../test/dist/support/load/http-load-child.js'
import { round } from './figures.mjs'
import { strangerCores } from './meter.mjs'

const CONNECTIONS = [1, 16, 64]
/** Images that show asks for in turn: enough that no cache of a few rows helps. */
const SHOWN = 2000

async function measureLoad({ meter, scale, api, report }, figure, { connections, requests }) {
  const options = {
    url: api.url,
    connections,
    requests,
    durationMs: scale.seconds * 1000,
    warmupMs: (scale.seconds * 1000) / 3,
  }
  const { result, usage } = await meter.measure(() => runHttpLoadChild(options))
  // The meter also saw the warm-up, so costs are shares of its time.
  const seconds = (options.durationMs + options.warmupMs) / 1000
  const errors = Object.entries(result.errors)
  report(figure, {
    value: result.requestsPerSecond,
    extra: {
      p50_ms: round(result.p50Ms),
      p99_ms: round(result.p99Ms),
      max_ms: round(result.maxMs),
      ...(usage.cpuSeconds > 0 ? { cores: round(usage.cpuSeconds / seconds) } : {}),
      ...(usage.backendCpuSeconds > 0 ? { backend_cores: round(usage.backendCpuSeconds / seconds) } : {}),
      generator_cores: round(result.generatorCpuSeconds / seconds),
      ...strangerCores([{ usage }]),
      ...(errors.length > 0 ? { errors: Object.fromEntries(errors) } : {}),
    },
  })
}

/** Measures with `scale.images` images there, then the creation of more. */
export async function measureRequests(bench) {
  const { api, scale, wants } = bench
  const reads = ['show', 'list_25'].flatMap((kind) => CONNECTIONS.map((count) => `${kind}_${count}`))
  if ([...reads, 'paging_10000', 'create_16'].some(wants)) {
    bench.progress(`creating ${scale.images} images`)
    const ids = await api.createMany(scale.images)
    const headers = { ...api.headers, Accept: 'application/json' }
    const step = Math.max(1, Math.floor(ids.length / SHOWN))
    const shown = ids.filter((_, index) => index % step === 0)
    const shows = shuffled(shown).map((id) => ({ method: 'GET', path: `/v2/images/${id}`, headers }))
    const lists = [{ method: 'GET', path: '/v2/images?limit=25', headers }]
    for (const connections of CONNECTIONS) {
      if (wants(`show_${connections}`))
        await measureLoad(bench, `show_${connections}`, { connections, requests: shows })
    }
    for (const connections of CONNECTIONS) {
      const figure = `list_25_${connections}`
      if (wants(figure)) await measureLoad(bench, figure, { connections, requests: lists })
    }
    if (wants('paging_10000')) await measurePaging(bench)
    if (wants('create_16')) await measureCreate(bench, headers)
  }
}

async function measurePaging({ api, scale, meter, report }) {
  await api.walk(scale.page)
  const runs = []
  for (let run = 0; run < scale.runs; run++) runs.push(await meter.measure(() => api.walk(scale.page)))
  runs.sort((a, b) => a.result.seconds - b.result.seconds)
  const { images, pages, seconds } = runs[Math.floor(runs.length / 2)].result
  report('paging_10000', {
    value: seconds,
    extra: {
      images,
      pages,
      runs: runs.map(({ result }) => round(result.seconds)),
      ...strangerCores(runs),
    },
  })
}

function measureCreate(bench, headers) {
  const body = JSON.stringify(bench.api.fields)
  const requests = [
    { method: 'POST', path: '/v2/images', headers: { ...headers, 'Content-Type': 'application/json' }, body },
  ]
  return measureLoad(bench, 'create_16', { connections: 16, requests })
}

/** In an order that has nothing to do with that of creation, the same each time. */
function shuffled(list) {
  const result = [...list]
  let state = 1
  for (let index = result.length - 1; index > 0; index--) {
    state = (state * 48_271) % 2_147_483_647
    const other = state % (index + 1)
    ;[result[index], result[other]] = [result[other], result[index]]
  }
  return result
}
