import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, expect, test } from 'vitest'
import { openKernel } from './kernel.ts'

/** What a pipe holds at most: a call that finds it full waits until somebody reads. */
const SIZE = 64 * 1024

const dir = mkdtempSync(join(tmpdir(), 'glance-kernel-'))
const original = BigInt64Array.of
afterEach(() => {
  BigInt64Array.of = original
  rmSync(dir, { recursive: true, force: true })
})

test('the memory a call writes its offset to outlives garbage collection until the call has ended', async () => {
  const kernel = openKernel()
  if (kernel === undefined) throw new Error('the kernel cannot be reached on this system')
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const offsets: WeakRef<BigInt64Array>[] = []
  BigInt64Array.of = (...values) => {
    const array = original.apply(BigInt64Array, values)
    offsets.push(new WeakRef(array))
    return array
  }
  writeFileSync(join(dir, 'file'), Buffer.alloc(SIZE, 1))
  execFileSync('mkfifo', [join(dir, 'pipe')])
  const file = openSync(join(dir, 'file'), 'r')
  const pipe = openSync(join(dir, 'pipe'), constants.O_RDWR)
  writeSync(pipe, Buffer.alloc(SIZE))
  const reader = openSync(join(dir, 'pipe'), constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const sending = kernel.sendfile(pipe, file, { position: 0, count: SIZE })
    await pause(50)
    collect()
    const isKept = offsets.map((offset) => offset.deref() !== undefined)
    let isOver = false
    const ended = sending.finally(() => {
      isOver = true
    })
    while (!isOver) {
      drain(reader)
      await pause(5)
    }
    expect((await ended).sent).toBeGreaterThan(0)
    expect(isKept).toEqual([true])
  } finally {
    for (const fd of [file, pipe, reader]) closeSync(fd)
  }
})

/** Empties a pipe that has nothing more to give just now. */
function drain(reader: number): void {
  try {
    readSync(reader, Buffer.alloc(SIZE))
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EAGAIN')) throw thrown
  }
}
