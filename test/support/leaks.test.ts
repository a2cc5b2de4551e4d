import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { spawnBound } from './child.ts'
import { assertNothingLeft, currentHoldings, filesUnder, processesUsing } from './leaks.ts'
import { makeTempDir, removeDir } from './temp-dir.ts'

function dirOfTest(): string {
  const dir = makeTempDir('leaks')
  onTestFinished(() => removeDir(dir))
  return dir
}

it('is content with an empty or absent directory', async () => {
  const dir = dirOfTest()
  const since = currentHoldings()
  mkdirSync(join(dir, 'empty'))
  await assertNothingLeft(dir, since)
  await assertNothingLeft(join(dir, 'absent'), since)
})

it('names files that are left', async () => {
  const dir = dirOfTest()
  mkdirSync(join(dir, 'a'))
  writeFileSync(join(dir, 'a', 'b'), 'x')
  expect(filesUnder(dir)).toEqual([join(dir, 'a', 'b')])
  await expect(assertNothingLeft(dir)).rejects.toThrow(`file ${join(dir, 'a', 'b')}`)
})

it('names child processes that are left', async () => {
  const dir = dirOfTest()
  const since = currentHoldings()
  const child = await spawnBound('sleep', ['60'], { cwd: dir })
  await expect(assertNothingLeft(dir, since)).rejects.toThrow(`child process ${child.pid}: sleep 60`)
  expect(processesUsing(dir)).toEqual([{ pid: child.pid, command: 'sleep 60' }])
  await child.end('SIGKILL', 1000)
  await assertNothingLeft(dir, since)
})

it('names listeners that are left', async () => {
  const dir = dirOfTest()
  const since = currentHoldings()
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await expect(assertNothingLeft(dir, since)).rejects.toThrow(`listener on port ${port}`)
  server.close()
  await assertNothingLeft(dir, since)
})
