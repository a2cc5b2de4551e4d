// `npm test`: installs what the suites need, builds, runs every suite in turn and closes each with one line of counts.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from './build.mjs'
import { root, run } from './install.mjs'

/** Suites in the order of what they cost: the cheap ones fail first. */
const SUITES = ['architecture', 'unit', 'support', 'live', 'databases', 'system', 'acceptance', 'kill']

/** Runs one suite; answers its counts. A suite without a single test counts as failed. */
function runSuite(name, folder) {
  const report = join(folder, `${name}.json`)
  const started = Date.now()
  const done = spawnSync(
    join(root, 'node_modules', '.bin', 'vitest'),
    ['run', '--project', name, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    { cwd: root, stdio: 'inherit', env: { ...process.env, NODE_ENV: 'test', NO_COLOR: '1' } },
  )
  let counts = { passed: 0, failed: 1, skipped: 0 }
  try {
    const result = JSON.parse(readFileSync(report, 'utf8'))
    const skipped = result.numPendingTests + (result.numTodoTests ?? 0)
    counts = {
      passed: result.numPassedTests,
      failed: Math.max(result.numFailedTests, result.numFailedTestSuites > 0 ? 1 : 0),
      skipped,
    }
  } catch (error) {
    console.error(`${name}: no report (${error.message})`)
  }
  if (counts.passed === 0 || (done.status !== 0 && counts.failed === 0)) counts.failed += 1
  // A skipped test has proved nothing; where everything must be proved it counts as failed.
  if (process.env.CI && counts.skipped > 0) counts.failed += counts.skipped
  const skips = counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''
  console.log(`suite ${name}: ${Math.round((Date.now() - started) / 1000)} s`)
  console.log(`${counts.passed} passed, ${counts.failed} failed${skips}`)
  return counts
}

const only = process.argv.slice(2)
run(process.execPath, ['scripts/packages.mjs'])
build()
const folder = mkdtempSync(join(tmpdir(), 'glance-test-'))
let failed = 0
let passed = 0
for (const name of only.length > 0 ? only : SUITES) {
  const counts = runSuite(name, folder)
  failed += counts.failed
  passed += counts.passed
}
rmSync(folder, { recursive: true, force: true })
console.log('all suites')
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed > 0 ? 1 : 0)
