// `npm run bench`: builds when needed, then measures and prints one JSON line per figure; see docs/benchmark.md.
import { readOptions, USAGE } from './bench/options.mjs'
import { build } from './build.mjs'

const options = readOptions(process.argv.slice(2))
if (options.help) {
  console.log(USAGE)
} else {
  build()
  const { runBenchmark } = await import('./bench/run.mjs')
  process.exitCode = await runBenchmark(options)
}
