import { GlanceError } from '@glance/shared/errors/error'
import { silentLog } from '@glance/shared/log/silent'
import { describe, expect, it } from 'vitest'
import { StoreConfigError, type StoreDriver } from './driver.ts'
import { openMemoryStore } from './memory.ts'
import { openReopening } from './reopening.ts'
import { live } from './testing/bench.ts'
import { content, lent } from './testing/content.ts'
import { recordingLog } from './testing/records.ts'

const CAN = new Set(['write', 'list'] as const)
const quick = { storeId: 'fast', can: CAN, log: silentLog, firstPauseMs: 5, longestPauseMs: 20 }

describe('a store that opens by itself', () => {
  it('is StoreUnavailable until its backend answers, and then is the store', async () => {
    let attempts = 0
    const { log, lines } = recordingLog()
    const open = async (): Promise<StoreDriver> => {
      attempts += 1
      if (attempts < 4) throw new GlanceError('StoreUnavailable', 'the disk is not mounted')
      return openMemoryStore()
    }
    const { driver, attempted, reason } = openReopening(open, { ...quick, log })
    await attempted
    expect(reason()).toBe('the disk is not mounted')
    expect([...driver.can]).toEqual(['write', 'list'])
    const about = { attempt: 'a', signal: live() }
    for (const use of [
      () => driver.put('x', lent(content(1)), about),
      () => driver.get('x', about),
      () => driver.stat('x'),
      () => driver.delete('x'),
      () => driver.discard('x', 'a'),
    ])
      await expect(use()).rejects.toMatchObject({
        code: 'StoreUnavailable',
        cause: expect.objectContaining({ message: 'the disk is not mounted' }),
      })
    expect(() => driver.list?.()).toThrow(expect.objectContaining({ code: 'StoreUnavailable' }))
    await expect.poll(reason).toBeUndefined()
    expect(driver.can.has('range')).toBe(true)
    expect(await driver.put('x', lent(content(3)), about)).toMatchObject({ size: 3 })
    const pauses = lines.filter(({ level }) => level === 'error').map(({ fields }) => fields.retry_ms)
    expect(pauses).toEqual([5, 10, 20])
    expect(lines.at(-1)).toMatchObject({ level: 'info', message: 'store is open' })
    await driver.close()
  })

  it('is not tried again when its configuration is wrong', async () => {
    let attempts = 0
    const { attempted, driver } = openReopening(async () => {
      attempts += 1
      throw new StoreConfigError('filesystem_store_datadir must be set')
    }, quick)
    await expect(attempted).rejects.toThrow('must be set')
    await new Promise((resolve) => setTimeout(resolve, 40))
    expect(attempts).toBe(1)
    await driver.close()
  })

  it('closes what opens too late, and is not tried again once closed', async () => {
    let isClosed = false
    let finish = (_: StoreDriver): void => undefined
    const { driver } = openReopening(
      () =>
        new Promise((resolve) => {
          finish = resolve
        }),
      quick,
    )
    await driver.close()
    finish({
      ...openMemoryStore(),
      close: async () => {
        isClosed = true
      },
    })
    await expect.poll(() => isClosed).toBe(true)
    await expect(driver.stat('x')).rejects.toMatchObject({ code: 'StoreUnavailable' })

    let attempts = 0
    const failing = openReopening(async () => {
      attempts += 1
      throw new Error('away')
    }, quick)
    await failing.attempted
    await failing.driver.close()
    await new Promise((resolve) => setTimeout(resolve, 40))
    expect(attempts).toBe(1)
  })
})
