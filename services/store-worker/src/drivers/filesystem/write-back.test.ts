import { deferred } from '@glance/shared/deferred'
import { describe, expect, it } from 'vitest'
import { openFlushGate, openWriteBack } from './write-back.ts'

const STRIDE = 32 * 1024 * 1024
type File = Parameters<typeof openWriteBack>[0]

/** A file whose calls to the disk end when told. */
function slowDisk() {
  const flushes: ReturnType<typeof deferred<void>>[] = []
  const calls: string[] = []
  const call = (name: string) => () => {
    calls.push(name)
    const end = deferred<void>()
    flushes.push(end)
    return end.promise
  }
  // Only these two are called.
  const file = { datasync: call('datasync'), sync: call('sync') } as unknown as File
  return { file, flushes, calls }
}
const tick = () => new Promise((resolve) => setTimeout(resolve, 5))

describe('write-back of a growing file', () => {
  it('starts early, one at a time, and never waits', async () => {
    const { file, flushes, calls } = slowDisk()
    const writeBack = openWriteBack(file, openFlushGate())
    writeBack.advance(STRIDE - 1)
    expect(calls).toEqual([])
    writeBack.advance(STRIDE)
    writeBack.advance(5 * STRIDE)
    expect(calls).toEqual(['datasync'])
    flushes[0]?.resolve()
    await tick()
    writeBack.advance(5 * STRIDE + 1)
    expect(calls).toEqual(['datasync', 'datasync'])
    const finished = writeBack.finish()
    await tick()
    expect(calls).toHaveLength(2)
    flushes[1]?.resolve()
    await tick()
    expect(calls).toEqual(['datasync', 'datasync', 'sync'])
    flushes[2]?.resolve()
    await finished
  })

  it('keeps what the disk answered, which the kernel says only once', async () => {
    const { file, flushes } = slowDisk()
    const writeBack = openWriteBack(file, openFlushGate())
    writeBack.advance(STRIDE)
    flushes[0]?.reject(Object.assign(new Error('i/o error'), { code: 'EIO' }))
    await tick()
    expect(() => writeBack.advance(STRIDE + 1)).toThrow(expect.objectContaining({ code: 'StoreUnavailable' }))
    await expect(writeBack.finish()).rejects.toMatchObject({ code: 'StoreUnavailable' })
  })

  it('leaves threads for others: two waits at once for all files of a store', async () => {
    const gate = openFlushGate()
    const disks = [slowDisk(), slowDisk(), slowDisk()]
    const finished = disks.map(({ file }) => openWriteBack(file, gate).finish())
    await tick()
    expect(disks.map(({ calls }) => calls.length)).toEqual([1, 1, 0])
    disks[0]?.flushes[0]?.resolve()
    await tick()
    expect(disks.map(({ calls }) => calls.length)).toEqual([1, 1, 1])
    // An early flush is only made when nobody waits for a turn.
    const busy = slowDisk()
    openWriteBack(busy.file, gate).advance(STRIDE)
    expect(busy.calls).toEqual([])
    for (const { flushes } of disks) flushes[0]?.resolve()
    await Promise.all(finished)
  })

  it('passes the turn on after a failure', async () => {
    const gate = openFlushGate()
    const failing = [slowDisk(), slowDisk()]
    const failed = failing.map(({ file }) => openWriteBack(file, gate).finish())
    const next = slowDisk()
    const finished = openWriteBack(next.file, gate).finish()
    await tick()
    for (const { flushes } of failing) flushes[0]?.reject(Object.assign(new Error('full'), { code: 'ENOSPC' }))
    for (const each of failed) await expect(each).rejects.toMatchObject({ code: 'StoreFull' })
    next.flushes[0]?.resolve()
    await finished
  })
})
