import { GlanceError } from '@glance/shared/errors/error'
import { silentLog } from '@glance/shared/log/silent'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { takeLease } from './lease.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

const LEASE = { leaseSeconds: 30 }
const hold = vi.fn<() => Promise<typeof LEASE>>()
const away = new GlanceError('Unavailable')

function take(signal = new AbortController().signal) {
  return takeLease({ hold, log: silentLog, signal })
}
beforeEach(() => void hold.mockReset().mockResolvedValue(LEASE))

describe('the lease of a transfer', () => {
  it('is renewed every third of its length until its end', async () => {
    const lease = await take()
    await vi.advanceTimersByTimeAsync(95_000)
    expect(hold).toHaveBeenCalledTimes(10)
    expect(lease.signal.aborted).toBe(false)
    lease.end()
    await vi.advanceTimersByTimeAsync(95_000)
    expect(hold).toHaveBeenCalledTimes(10)
  })

  it('is not taken from who holds it', async () => {
    hold.mockRejectedValue(new GlanceError('LeaseLost'))
    await expect(take()).rejects.toMatchObject({ code: 'LeaseLost' })
    expect(hold).toHaveBeenCalledTimes(1)
  })

  it('is lost at once when the registry says so', async () => {
    const lease = await take()
    hold.mockRejectedValue(new GlanceError('LeaseLost'))
    await vi.advanceTimersByTimeAsync(10_000)
    expect(lease.signal.reason).toMatchObject({ code: 'LeaseLost' })
  })

  it('outlives a registry that is away for a while', async () => {
    const lease = await take()
    hold.mockRejectedValue(away)
    await vi.advanceTimersByTimeAsync(29_000)
    expect(lease.signal.aborted).toBe(false)
    hold.mockResolvedValue(LEASE)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(lease.signal.aborted).toBe(false)
    lease.end()
  })

  it('is lost when the registry is away for longer than it lasts', async () => {
    const lease = await take()
    hold.mockRejectedValue(away)
    await vi.advanceTimersByTimeAsync(35_000)
    expect(lease.signal.reason).toMatchObject({ code: 'LeaseLost' })
  })

  it('ends with the signal of the work', async () => {
    const controller = new AbortController()
    const lease = await take(controller.signal)
    controller.abort(new GlanceError('Unavailable', 'stopping'))
    expect(lease.signal.reason).toMatchObject({ message: 'stopping' })
    const late = await take(controller.signal)
    expect(late.signal.aborted).toBe(true)
    lease.end()
    late.end()
  })

  it('insists on calls while it may be alive', async () => {
    const lease = await take()
    const call = vi
      .fn<() => Promise<number>>()
      .mockRejectedValueOnce(away)
      .mockRejectedValueOnce(away)
      .mockResolvedValue(1)
    const patient = lease.insist(call)
    await vi.advanceTimersByTimeAsync(1_000)
    await expect(patient).resolves.toBe(1)
    expect(call).toHaveBeenCalledTimes(3)

    const refused = lease.insist(() => Promise.reject(new GlanceError('Gone')))
    await expect(refused).rejects.toMatchObject({ code: 'Gone' })

    hold.mockRejectedValue(away)
    const vain = lease.insist(() => Promise.reject(away)).catch((thrown: unknown) => thrown)
    await vi.advanceTimersByTimeAsync(41_000)
    expect(await vain).toBe(away)
    lease.end()
  })
})
