import { randomUUID } from 'node:crypto'
import { GlanceError } from '@glance/shared/errors/error'
import { silentLog } from '@glance/shared/log/silent'
import { describe, expect, it } from 'vitest'
import type { StoreDriver } from './driver.ts'
import { guardDriver } from './guard.ts'
import { openMemoryStore } from './memory.ts'
import { live } from './testing/bench.ts'
import { content, hanging, lent } from './testing/content.ts'
import { recordingLog } from './testing/records.ts'

const guard = (given: Partial<StoreDriver> = {}, putsAtOnce?: number) =>
  guardDriver(
    { ...openMemoryStore(), ...given },
    { storeId: 'fast', log: silentLog, ...(putsAtOnce && { putsAtOnce }) },
  )
const put = (driver: StoreDriver, bytes: AsyncIterable<Uint8Array> = lent(content(3)), signal = live()) =>
  driver.put(randomUUID(), bytes, { attempt: 'a', signal })

/** A driver whose put throws something else than what its source threw, as libraries do. */
const translating: Partial<StoreDriver> = {
  async put(_, bytes) {
    try {
      for await (const _chunk of bytes);
    } catch (cause) {
      throw new Error('upload failed', { cause })
    }
    throw new Error('the backend failed')
  },
}

describe('errors of a guarded store', () => {
  it('name the store and keep their code', async () => {
    await expect(guard().stat(`memory:///${randomUUID()}`)).rejects.toMatchObject({
      code: 'StoreObjectNotFound',
      message: 'Store fast: The store holds no such object.',
    })
  })

  it('are StoreUnavailable when the driver threw something foreign, which stays in the cause', async () => {
    const foreign = new Error('connect ECONNREFUSED admin:secret@10.0.0.1')
    const driver = guard({ stat: () => Promise.reject(foreign) })
    const told: unknown = await driver.stat('x').catch((thrown: unknown) => thrown)
    expect(told).toMatchObject({ code: 'StoreUnavailable', cause: foreign })
    expect(String(told)).not.toContain('secret')
  })

  it('are named when listing fails', async () => {
    async function* broken() {
      yield* []
      throw new GlanceError('StoreUnavailable', 'no answer')
    }
    const listing = guard({ list: broken }).list?.()
    await expect(listing?.[Symbol.asyncIterator]().next()).rejects.toMatchObject({ message: 'Store fast: no answer' })
  })

  it('are those of the source when the source failed', async () => {
    const failure = new GlanceError('TooLarge')
    async function* source() {
      yield content(1)
      throw failure
    }
    await expect(put(guard(translating), source())).rejects.toBe(failure)
    await expect(put(guard(translating))).rejects.toMatchObject({ code: 'StoreUnavailable' })
  })

  it('are the reason of the signal when it aborted', async () => {
    const abort = new AbortController()
    const reason = new Error('enough')
    const source = hanging(() => abort.abort(reason))
    await expect(put(guard(translating), source, abort.signal)).rejects.toBe(reason)
    const late: Partial<StoreDriver> = {
      get: () => {
        abort.abort(reason)
        return Promise.reject(new Error('socket hang up'))
      },
    }
    await expect(guard(late).get('x', { signal: abort.signal })).rejects.toBe(reason)
  })
})

describe('a guarded store', () => {
  it('takes no data when the driver does not', async () => {
    const driver = guard({ can: new Set(['range'] as const) })
    for (const refused of [put(driver), driver.delete('memory:///x')])
      await expect(refused).rejects.toMatchObject({ code: 'StoreReadOnly', message: expect.stringContaining('fast') })
  })

  it('lists only when the driver does', () => {
    const { list: _, ...rest } = openMemoryStore()
    expect(guardDriver(rest, { storeId: 'fast', log: silentLog }).list).toBeUndefined()
    expect(guard().list).toBeDefined()
  })

  it('bounds the puts at once, and lets a waiting one go when it aborts', async () => {
    let running = 0
    let most = 0
    const wakes: (() => void)[] = []
    const slow: Partial<StoreDriver> = {
      async put() {
        most = Math.max(most, ++running)
        await new Promise<void>((resolve) => wakes.push(resolve))
        running -= 1
        return { url: 'memory:///x', metadata: {}, size: 0 }
      },
    }
    const driver = guard(slow, 2)
    const abort = new AbortController()
    const puts = [put(driver), put(driver), put(driver, lent(content(1)), abort.signal), put(driver)]
    const settled = Promise.allSettled(puts)
    await expect.poll(() => wakes.length).toBe(2)
    const reason = new Error('enough')
    abort.abort(reason)
    await expect(puts[2]).rejects.toBe(reason)
    for (let woken = 0; woken < 3; woken += 1) {
      await expect.poll(() => wakes.length).toBeGreaterThan(woken)
      wakes[woken]?.()
    }
    expect((await settled).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
    expect(most).toBe(2)
  })

  it('leaves a line for each operation, with outcome and time', async () => {
    const { log, lines } = recordingLog()
    const driver = guardDriver(openMemoryStore(), { storeId: 'fast', log })
    const { url } = await put(driver)
    await driver.delete(url)
    await driver.delete(url).catch(() => undefined)
    expect(lines.map(({ level, fields }) => [level, fields.store, fields.operation, fields.outcome])).toEqual([
      ['debug', 'fast', 'put', 'ok'],
      ['debug', 'fast', 'delete', 'ok'],
      ['debug', 'fast', 'delete', 'StoreObjectNotFound'],
    ])
    for (const { fields } of lines) expect(fields.ms).toBeTypeOf('number')
  })

  it('lets go of a source that the driver did not read to its end', async () => {
    let isFreed = false
    async function* source() {
      try {
        for (;;) yield content(1)
      } finally {
        isFreed = true
      }
    }
    const impatient: Partial<StoreDriver> = {
      async put(_, bytes) {
        await bytes[Symbol.asyncIterator]().next()
        throw new GlanceError('StoreFull')
      },
    }
    await expect(put(guard(impatient), source())).rejects.toMatchObject({ code: 'StoreFull' })
    await expect.poll(() => isFreed).toBe(true)
  })
})
