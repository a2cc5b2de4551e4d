import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { assertNothingLeft, currentHoldings } from './leaks.ts'
import { type ServicePlan, type ServiceProcess, serviceProcess } from './service-process.ts'
import { makeTempDir, removeDir } from './temp-dir.ts'

let dir = ''
let service: ServiceProcess
beforeEach(() => {
  dir = makeTempDir('service')
})
afterEach(async () => {
  await service?.stop()
  removeDir(dir)
})

/** A process that runs this line of JavaScript and then waits. */
function plan(line: string, more: Partial<ServicePlan> = {}): ServicePlan {
  const args = ['--eval', `process.on('SIGTERM', () => process.exit(3)); setInterval(() => 0, 1000); ${line}`]
  return { role: 'worker', name: 'worker-1', args, env: {}, logFile: join(dir, 'worker-1.log'), ...more }
}

it('is killed, stopped and started again, with one log for all its lives', async () => {
  const before = currentHoldings()
  let lives = 1
  const isReady = async (self: ServiceProcess): Promise<boolean> => self.output() === 'life\n'.repeat(lives)
  service = serviceProcess(plan("console.log('life')", { isReady }))
  expect(service.isRunning()).toBe(false)
  await service.start()
  const first = service.pid()
  await service.kill()
  expect(service.isRunning()).toBe(false)
  lives = 2
  await service.start()
  expect(service.pid()).not.toBe(first)
  await service.start()
  expect(await service.stop()).toBe(3)
  expect(await service.stop()).toBeNull()
  expect(readFileSync(service.logFile, 'utf8')).toBe('life\nlife\n')
  removeDir(dir)
  await assertNothingLeft(dir, before)
})

it('tells what was printed when it ends before it serves', async () => {
  const isReady = async (): Promise<boolean> => false
  service = serviceProcess(plan("console.log('no such store'); process.exit(1)", { isReady }))
  await expect(service.start()).rejects.toThrow(/worker-1 ended\nno such store/)
})

it('has memory file systems that nobody else sees', async () => {
  const [full, sealed] = [join(dir, 'full'), join(dir, 'sealed')]
  mkdirSync(full)
  mkdirSync(sealed)
  const mounts = [
    { dir: full, megabytes: 1 },
    { dir: sealed, megabytes: 1, readOnly: true },
  ]
  const write = (path: string, bytes: number): string =>
    `try { require('fs').writeFileSync('${path}', Buffer.alloc(${bytes})); console.log('ok') } catch (e) { console.log(e.code) }`
  const lines = [write(`${full}/a`, 1000), write(`${full}/b`, 2 << 20), write(`${sealed}/a`, 1)].join(';')
  const isReady = async (self: ServiceProcess): Promise<boolean> => self.output().split('\n').length > 3
  service = serviceProcess(plan(lines, { mounts, isReady }))
  await service.start()
  expect(service.output()).toBe('ok\nENOSPC\nEROFS\n')
  expect(readdirSync(full)).toEqual([])
  expect(readdirSync(service.viewOf(full))).toContain('a')
  writeFileSync(join(full, 'outside'), '')
  expect(readdirSync(service.viewOf(full))).not.toContain('outside')
})
