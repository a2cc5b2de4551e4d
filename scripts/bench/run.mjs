// The run: one deployment after another, every figure in the order that disturbs the next ones least.
import { availableParallelism, cpus, totalmem } from 'node:os'
import { makeDataFiles } from './data-files.mjs'
import { measureStart, remoteDeployment, startDeployment } from './deployment.mjs'
import { FIGURES, lineOf, scaleOf } from './figures.mjs'
import { openImagesApi } from './images-api.mjs'
import { openMeter } from './meter.mjs'
import { measureRequests } from './requests.mjs'
import { measureDownloads, measureGrowth, measureUploads } from './transfers.mjs'

/** Runs what the options ask for and prints it. Answers the exit code: 0 when every bar measured is met. */
export async function runBenchmark(options) {
  const scale = scaleOf(options)
  const cleanups = []
  const clean = async () => {
    while (cleanups.length > 0) await cleanups.pop()()
  }
  let isInterrupted = false
  const interrupted = async () => {
    isInterrupted = true
    await clean()
    process.exit(130)
  }
  process.once('SIGINT', interrupted)
  process.once('SIGTERM', interrupted)
  const processor = cpus()[0]?.model ?? 'unknown'
  progress(`${availableParallelism()} x ${processor}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`)
  let missed = 0
  const print = (line) => {
    if (line.met === false) missed += 1
    console.log(JSON.stringify(line))
  }
  try {
    const files = makeDataFiles(scale)
    cleanups.push(files.remove)
    for (const target of targetsOf(options)) {
      await measureTarget(target, { options, scale, files, cleanups, print })
    }
  } catch (error) {
    // What is measured breaks when it is stopped under way; the handler above ends this process.
    if (isInterrupted) await new Promise(() => undefined)
    throw error
  } finally {
    await clean()
    process.off('SIGINT', interrupted)
    process.off('SIGTERM', interrupted)
  }
  if (missed > 0) progress(`${missed} bars missed`)
  return missed > 0 ? 1 : 0
}

function targetsOf({ target, baseUrl }) {
  if (baseUrl !== undefined) return ['server']
  return target === undefined ? ['standalone', 'distributed'] : [target]
}

async function measureTarget(target, { options, scale, files, cleanups, print }) {
  const isOwn = target !== 'server'
  const wants = (figure) => options.wanted.has(figure) && (isOwn || !FIGURES[figure].inside)
  const bars = isOwn ? target : options.target
  const report = (figure, { value, extra }) =>
    print(lineOf(figure, { target, bars, value, extra, quick: options.quick }))
  const setting = { scale, files, wants, report, progress }
  const open = (fsync) => (isOwn ? startDeployment(target, { fsync }) : remoteDeployment(options.baseUrl, process.env))
  const names = Object.keys(FIGURES).filter(wants)

  if (names.some((name) => !name.endsWith('_fsync'))) {
    progress(`${target}: starting`)
    const deployment = await open(false)
    await withCleanup(cleanups, deployment.stop, () => measureAll(deployment, setting, cleanups))
  }
  if (names.some((name) => name.endsWith('_fsync'))) {
    progress(`${target}: starting with filesystem_store_fsync = true`)
    const deployment = await open(true)
    await withCleanup(cleanups, deployment.stop, () =>
      withApi(deployment, cleanups, (api) =>
        measureUploads({ ...setting, api, meter: openMeter(deployment.processes, deployment.backends) }, '_fsync'),
      ),
    )
  }
}

async function measureAll(deployment, setting, cleanups) {
  const { wants, report } = setting
  await measureStart({ deployment, ...setting })
  const meter = openMeter(deployment.processes, deployment.backends)
  await withApi(deployment, cleanups, async (api) => {
    const bench = { ...setting, api, meter }
    await measureUploads(bench)
    await measureDownloads(bench)
    if (wants('peak_rss_growth')) await measureGrowth(bench)
    await measureRequests(bench)
  })
  if (!wants('peak_rss')) return
  const peaks = meter.peaks()
  report('peak_rss', { value: Object.values(peaks).reduce((sum, size) => sum + size, 0), extra: peaks })
}

/** Lends an API of the deployment; what was made through it is removed where the deployment itself stays. */
async function withApi(deployment, cleanups, work) {
  const api = openImagesApi(deployment.url, await deployment.token())
  const close = async () => {
    if (deployment.restart === undefined) await api.removeAll()
    api.close()
  }
  await withCleanup(cleanups, close, () => work(api))
}

/** Does `work`, then `cleanup`, which is also done when the run is interrupted meanwhile. */
async function withCleanup(cleanups, cleanup, work) {
  cleanups.push(cleanup)
  try {
    return await work()
  } finally {
    const index = cleanups.indexOf(cleanup)
    if (index >= 0) {
      cleanups.splice(index, 1)
      await cleanup()
    }
  }
}

function progress(text) {
  console.error(`bench: ${text}`)
}
