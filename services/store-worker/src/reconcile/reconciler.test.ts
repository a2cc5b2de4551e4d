import { GlanceError } from '@glance/shared/errors/error'
import { silentLog } from '@glance/shared/log/silent'
import { describe, expect, it } from 'vitest'
import type { StoreDriver } from '../drivers/driver.ts'
import { openMemoryStore } from '../drivers/memory.ts'
import { content, lent } from '../drivers/testing/content.ts'
import { startReconciler } from './reconciler.ts'
import { FakeRegistry } from './testing/registry.ts'

const put = (driver: StoreDriver, imageId: string) =>
  driver.put(imageId, lent(content(10)), { attempt: 'a', signal: new AbortController().signal })
const isThere = (driver: StoreDriver, url: string): Promise<boolean> =>
  driver.stat(url).then(
    () => true,
    () => false,
  )

describe('the reconciler', () => {
  it('looks at every store at once and again and again, past one that is away', async () => {
    const [away, first, second] = [openMemoryStore(), openMemoryStore(), openMemoryStore()]
    away.stat = () => Promise.reject(new GlanceError('StoreUnavailable'))
    away.list = () => {
      throw new GlanceError('StoreUnavailable')
    }
    const registry = new FakeRegistry()
    const { url } = await put(first, 'one')
    const reconciler = startReconciler({
      stores: new Map([
        ['away', away],
        ['first', first],
        ['second', second],
      ]),
      registry,
      everyMs: 20,
      olderThanMs: -1,
      log: silentLog,
    })
    try {
      await expect.poll(() => isThere(first, url)).toBe(false)
      const later = await put(second, 'two')
      await expect.poll(() => isThere(second, later.url)).toBe(false)
    } finally {
      await reconciler.stop()
    }
    const last = await put(first, 'three')
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(await isThere(first, last.url)).toBe(true)
  })

  it('stops in the middle of a run', async () => {
    const registry = new FakeRegistry()
    registry.knowsObject = (_context, _input, { signal } = {}) =>
      new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
    const driver = openMemoryStore()
    await put(driver, 'one')
    const stores = new Map([['only', driver]])
    const reconciler = startReconciler({ stores, registry, everyMs: 60_000, olderThanMs: -1, log: silentLog })
    await new Promise((resolve) => setTimeout(resolve, 20))
    await reconciler.stop()
  })
})
