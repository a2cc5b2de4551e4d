import { setTimeout as sleep } from 'node:timers/promises'
import { deferred } from '@glance/shared/deferred'
import { describe, expect, it } from 'vitest'
import { openPatience } from './patience.ts'

const hang = () => new Promise<never>(() => undefined)

describe('patience', () => {
  it('has no bounds without a timeout', async () => {
    const patience = openPatience({ timeoutMs: 0, atOnce: 1, warnAt: 0, warn: () => expect.unreachable() })
    void patience(hang)
    expect(await patience(async () => 7)).toBe(7)
  })

  it('ends with StoreUnavailable, also for one that never had its turn', async () => {
    const patience = openPatience({ timeoutMs: 50, atOnce: 1, warnAt: 100, warn: () => undefined })
    const late = { code: 'StoreUnavailable', message: expect.stringContaining('0.05 s') }
    let hasRun = false
    const waits = [
      expect(patience(hang)).rejects.toMatchObject(late),
      expect(
        patience(async () => {
          hasRun = true
        }),
      ).rejects.toMatchObject(late),
    ]
    await Promise.all(waits)
    expect(hasRun).toBe(false)
  })

  it('runs so many at once, and passes the turn on when one that was given up ends', async () => {
    const patience = openPatience({ timeoutMs: 300, atOnce: 1, warnAt: 100, warn: () => undefined })
    const end = deferred<void>()
    const slow = patience(() => end.promise)
    const next = patience(async () => 'next')
    await sleep(20)
    end.resolve()
    await slow
    expect(await next).toBe('next')
    await expect(patience(() => Promise.reject(new Error('its own')))).rejects.toThrow('its own')
    expect(await patience(async () => 'still')).toBe('still')
  })

  it('tells the operator once each time it gets tight', async () => {
    const told: string[] = []
    const patience = openPatience({ timeoutMs: 1000, atOnce: 4, warnAt: 75, warn: (_, message) => told.push(message) })
    const waves = async (count: number) => Promise.all(Array.from({ length: count }, () => patience(() => sleep(5))))
    await waves(2)
    expect(told).toEqual([])
    await waves(4)
    expect(told).toEqual([expect.stringContaining('75 %')])
    await waves(4)
    expect(told).toHaveLength(2)
  })
})
