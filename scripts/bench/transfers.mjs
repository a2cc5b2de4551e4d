// Uploads and downloads.
import { spawnSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { runDownloads, runUploads } from '../../test/dist/support/load/transfer-load.js'
import { round } from './figures.mjs'
import { strangerCores } from './meter.mjs'

const GIBIBYTE = 1 << 30
/** Time for a job to remove an image, before the next upload is measured. */
const REMOVAL_MS = 300
/** Messages told of failed transfers: the others mostly say the same. */
const MOST_ERRORS = 4

/** Uploads `count` images at once; leaves them there and answers their ids with what was measured. */
async function uploadOnce({ api, meter }, { file, size, count }) {
  const ids = await api.createMany(count)
  const { result, usage } = await meter.measure(() =>
    runUploads({
      transfers: ids.map((id) => ({ url: `${api.url}/v2/images/${id}/file`, headers: api.headers })),
      file,
    }),
  )
  const errors = result.outcomes.filter(({ error, bytes }) => error !== undefined || bytes !== size)
  for (const id of ids) {
    const image = await api.show(id)
    if (image.status !== 'active' || image.size !== size) errors.push({ error: `${id} is ${image.status}` })
  }
  return { ids, result, usage, errors: errors.map(({ error }) => error ?? 'cut short') }
}

async function downloadOnce({ api, meter }, { ids, size }) {
  const { result, usage } = await meter.measure(() =>
    runDownloads({ transfers: ids.map((id) => ({ url: `${api.url}/v2/images/${id}/file`, headers: api.headers })) }),
  )
  const errors = result.outcomes.filter(({ error, bytes }) => error !== undefined || bytes !== size)
  return { result, usage, errors: errors.map(({ error }) => error ?? 'cut short') }
}

/** What is written already shall not be on its way to the disk while a download is measured. */
function settleDisk() {
  spawnSync('sync', { stdio: 'ignore' })
}

/** The middle run's speed, with the cost of all of them. */
function summary(runs) {
  const speeds = runs.map(({ result }) => result.megabytesPerSecond)
  const bytes = runs.reduce((total, { result }) => total + result.bytes, 0)
  const cost = (key) => round(runs.reduce((total, { usage }) => total + usage[key], 0) / (bytes / GIBIBYTE))
  const errors = [...new Set(runs.flatMap((run) => run.errors))].slice(0, MOST_ERRORS)
  return {
    value: [...speeds].sort((a, b) => a - b)[Math.floor(speeds.length / 2)],
    extra: {
      runs: speeds.map(round),
      ...(runs[0].usage.cpuSeconds > 0 ? { cpu_s_per_gib: cost('cpuSeconds') } : {}),
      ...(runs[0].usage.backendCpuSeconds > 0 ? { backend_cpu_s_per_gib: cost('backendCpuSeconds') } : {}),
      ...strangerCores(runs),
      ...(errors.length > 0 ? { errors } : {}),
    },
  }
}

/** Measures the uploads; `suffix` tells which of their figures. Nothing of them stays. */
export async function measureUploads(bench, suffix = '') {
  const { files, scale, wants, report } = bench
  const plans = [
    { figure: `upload_1gib${suffix}`, file: files.image, size: scale.image, count: 1 },
    { figure: `upload_4x512mib${suffix}`, file: files.half, size: scale.half, count: 4 },
  ].filter(({ figure }) => wants(figure))
  for (const plan of plans) {
    const first = await uploadAndRemove(bench, plan)
    const runs = first.errors.length > 0 ? [first] : []
    for (let run = 0; run < scale.runs && first.errors.length === 0; run++)
      runs.push(await uploadAndRemove(bench, plan))
    const { value, extra } = summary(runs)
    report(plan.figure, { value, extra: { first: round(first.result.megabytesPerSecond), ...extra } })
  }
}

/**
 * The next upload finds the memory that this one's images took, still backed: a virtual machine whose host takes back
 * what is free pays several times a copy's price for each page it has not touched lately.
 */
async function uploadAndRemove(bench, plan) {
  const once = await uploadOnce(bench, plan)
  for (const id of once.ids) await bench.api.remove(id)
  await sleep(REMOVAL_MS)
  return once
}

/** Measures downloads of images it uploads for the purpose. */
export async function measureDownloads(bench) {
  const { files, scale, wants, report } = bench
  const plans = [
    { figure: 'download_1gib', count: 1 },
    { figure: 'download_4x1gib', count: 4 },
  ].filter(({ figure }) => wants(figure))
  const ids = []
  const most = Math.max(0, ...plans.map(({ count }) => count))
  while (ids.length < most)
    ids.push(...(await uploadOnce(bench, { file: files.image, size: scale.image, count: 1 })).ids)
  settleDisk()
  for (const { figure, count } of plans) {
    const plan = { ids: ids.slice(0, count), size: scale.image }
    const runs = []
    await downloadOnce(bench, plan)
    for (let run = 0; run < scale.runs; run++) runs.push(await downloadOnce(bench, plan))
    report(figure, summary(runs))
  }
  for (const id of ids) await bench.api.remove(id)
}

/** Whether the memory peak of an upload depends on the size of its image. */
export async function measureGrowth(bench) {
  const { files, scale, report, api } = bench
  const peakOf = async (plan) => {
    const { ids, usage, errors } = await uploadOnce(bench, { count: 1, ...plan })
    for (const id of ids) await api.remove(id)
    return { total: Object.values(usage.peaks).reduce((sum, value) => sum + value, 0), errors }
  }
  await peakOf({ file: files.image, size: scale.image })
  const small = await peakOf({ file: files.image, size: scale.image })
  const large = await peakOf({ file: files.large, size: scale.large })
  const errors = [...small.errors, ...large.errors]
  report('peak_rss_growth', {
    value: large.total - small.total,
    extra: { peak_1gib: small.total, peak_4gib: large.total, ...(errors.length > 0 ? { errors } : {}) },
  })
}
