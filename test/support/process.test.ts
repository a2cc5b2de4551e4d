import { existsSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { compileSupport } from './compile.ts'
import { filesUnder } from './leaks.ts'
import { freePort } from './ports.ts'
import { commandLineOf, descendantsOf, isAlive, processStat } from './proc.ts'
import { startProcess } from './process.ts'
import { makeTempDir, removeAbandonedTempDirs, removeDir } from './temp-dir.ts'
import { waitFor } from './wait.ts'

const node = process.execPath

it('waits for a line, captures output, measures and stops', async () => {
  const script = `
    console.log('starting'); console.error('warned')
    const held = Buffer.alloc(64 << 20, 1)
    const until = Date.now() + 200; while (Date.now() < until);
    process.on('SIGTERM', () => { console.log('bye ' + held.length); process.exit(7) })
    console.log('ready on 1'); setInterval(() => {}, 1000)`
  const started = await startProcess({
    name: 'sample',
    command: node,
    args: ['-e', script],
    ready: (line) => line.startsWith('ready on'),
  })
  expect(started.isRunning()).toBe(true)
  expect(started.rssBytes()).toBeGreaterThan(64 << 20)
  expect(started.peakRssBytes()).toBeGreaterThanOrEqual(started.rssBytes())
  expect(started.cpuSeconds()).toBeGreaterThan(0.1)
  expect(await started.stop()).toEqual({ code: 7, signal: null })
  expect(await started.stop()).toEqual({ code: 7, signal: null })
  expect(started.output()).toMatch(/starting\nwarned\nready on 1\nbye 67108864\n/)
  expect(existsSync(started.logFile)).toBe(false)
  expect(started.rssBytes()).toBe(0)
})

it('waits for an URL and passes only the environment it is given', async () => {
  const port = await freePort()
  const script = `require('http').createServer((q, s) => s.end(JSON.stringify(process.env))).listen(${port}, '127.0.0.1')`
  const url = `http://127.0.0.1:${port}/`
  const started = await startProcess({ name: 'web', command: node, args: ['-e', script], env: { A: 'b' }, ready: url })
  onTestFinished(() => started.stop().then(() => undefined))
  const env = (await (await fetch(url)).json()) as Record<string, string>
  expect(env).toMatchObject({ A: 'b', LANG: 'C.UTF-8' })
  expect(Object.keys(env).filter((name) => name.startsWith('VITEST'))).toEqual([])
  await started.kill()
  expect(await started.exited).toEqual({ code: null, signal: 'SIGKILL' })
})

it('kills what does not heed SIGTERM', async () => {
  const script = "process.on('SIGTERM', () => {}); console.log('ready'); setInterval(() => {}, 1000)"
  const ready = (line: string): boolean => line === 'ready'
  const started = await startProcess({ name: 'deaf', command: node, args: ['-e', script], ready })
  expect(await started.stop(100)).toEqual({ code: null, signal: 'SIGKILL' })
})

it('tells the output of a process that ends or stays silent before it is ready', async () => {
  const dir = makeTempDir('log')
  onTestFinished(() => removeDir(dir))
  const base = { name: 'bad', command: 'sh', ready: () => false, logFile: join(dir, 'bad.log') }
  await expect(startProcess({ ...base, args: ['-c', 'echo no such option; exit 2'] })).rejects.toThrow(
    /bad: ended before it was ready\nno such option/,
  )
  await expect(startProcess({ ...base, args: ['-c', 'exec sleep 60'], readyTimeoutMs: 50 })).rejects.toThrow(
    /bad: gave up after 50 ms: not ready/,
  )
  await expect(startProcess({ name: 'none', command: '/no/such/program', ready: () => false })).rejects.toThrow(
    /No such file or directory/,
  )
  expect(descendantsOf(process.pid).map((stat) => commandLineOf(stat.pid))).toEqual([])
  expect(filesUnder(dir)).toEqual([join(dir, 'bad.log')])
})

it('lets nothing survive a test process that is killed, servers included', async () => {
  const dir = makeTempDir('crash')
  onTestFinished(() => removeDir(dir))
  const main = await compileSupport('servers/crash-sample.ts', dir)
  const runner = await startProcess({ name: 'runner', command: node, args: [main], ready: (line) => line === 'ready' })
  const children = descendantsOf(runner.pid)
  const commands = children.map((stat) => commandLineOf(stat.pid)).join('\n')
  for (const name of ['beam.smp', 'epmd', 'redis-server', 'mariadbd', 'postgres']) expect(commands).toContain(name)
  expect(processStat(runner.pid)).toBeDefined()
  await runner.kill()
  await waitFor(() => children.filter(isAlive).length === 0, {
    what: `still there: ${children.filter(isAlive).map((stat) => commandLineOf(stat.pid))}`,
    timeoutMs: 5000,
  })
  // Its directories go with the next run's first directory, ours or that of a test beside this one.
  removeAbandonedTempDirs()
  const left = readdirSync(tmpdir()).filter((name) => name.startsWith(`glance-test-${runner.pid}-`))
  expect(left).toEqual([])
  await runner.stop()
})
