import { randomUUID } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import type { StoreConfig } from '@glance/shared/config/stores'
import { silentLog } from '@glance/shared/log/silent'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeScratch, optionsIn, type Scratch } from './filesystem/testing/scratch.ts'
import { openStores } from './stores.ts'
import { live } from './testing/bench.ts'
import { content, lent, readAll } from './testing/content.ts'
import { recordingLog } from './testing/records.ts'

type FileOptions = Extract<StoreConfig, { type: 'file' }>['options']

let scratch: Scratch
beforeEach(() => {
  scratch = makeScratch()
})
afterEach(() => scratch.remove())

function fileStore(id: string, given: Partial<FileOptions> = {}): StoreConfig {
  const options = { ...optionsIn(scratch.path(id)), ...given } as FileOptions
  return { id, type: 'file', options, description: undefined, weight: 0, isDefault: false }
}

/** A store of a type that no driver is written for yet; its options are never read. */
function unbuilt(type: 'rbd' | 'http', id: string, isDefault = false): StoreConfig {
  return { ...fileStore(id), type, isDefault } as unknown as StoreConfig
}

describe('the stores of a process', () => {
  it('are those configured, or only some', async () => {
    const configs = [fileStore('fast'), fileStore('cheap'), fileStore('other')]
    const all = await openStores(configs, { log: silentLog })
    expect([...all.drivers.keys()]).toEqual(['fast', 'cheap', 'other'])
    expect([...all.unavailable()]).toEqual([])
    await all.close()
    const some = await openStores(configs, { only: ['cheap'], log: silentLog })
    expect([...some.drivers.keys()]).toEqual(['cheap'])
    const driver = some.drivers.get('cheap')
    const placed = await driver?.put(randomUUID(), lent(content(9)), { attempt: 'a', signal: live() })
    const opened = await driver?.get(placed?.url ?? '', { signal: live() })
    expect(opened && (await readAll(opened))).toEqual(Buffer.from(content(9)))
    await expect(driver?.stat('s3://elsewhere/x')).rejects.toThrow(/^Store cheap: /)
    await some.close()
    await expect(driver?.stat(placed?.url ?? '')).rejects.toMatchObject({ code: 'StoreUnavailable' })
  })

  it('go on without one whose directory cannot be used, until it can', { timeout: 20_000 }, async () => {
    writeFileSync(scratch.path('away'), 'a file in the place of the directory')
    const stores = await openStores([fileStore('away'), fileStore('here')], { log: silentLog })
    try {
      expect([...stores.unavailable().keys()]).toEqual(['away'])
      expect(stores.unavailable().get('away')).toContain(scratch.path('away'))
      const put = (id: string) =>
        stores.drivers.get(id)?.put(randomUUID(), lent(content(1)), { attempt: 'a', signal: live() })
      await expect(put('away')).rejects.toMatchObject({ code: 'StoreUnavailable' })
      expect(await put('here')).toMatchObject({ size: 1 })
      rmSync(scratch.path('away'))
      await expect.poll(() => stores.unavailable().size, { timeout: 10_000 }).toBe(0)
      expect(await put('away')).toMatchObject({ size: 1 })
    } finally {
      await stores.close()
    }
  })

  it('do not open when the configuration cannot be, and every fault is told', async () => {
    const configs = [
      fileStore('good'),
      fileStore('both', { filesystem_store_datadirs: ['/a:1'] }),
      fileStore('mode', { filesystem_store_file_perm: 0o044 }),
      unbuilt('rbd', 'ceph'),
    ]
    const opening = openStores(configs, { only: ['good', 'both', 'mode', 'ceph', 'nosuch'], log: silentLog })
    await expect(opening).rejects.toMatchObject({ name: 'StoreConfigError' })
    const message = await opening.catch((thrown: Error) => thrown.message)
    expect(String(message).split('\n').sort()).toEqual([
      "store 'both': filesystem_store_datadir and filesystem_store_datadirs must not both be set",
      "store 'ceph': type rbd is not available in this release",
      "store 'mode': filesystem_store_file_perm must let the owner read, given 44",
      "store 'nosuch': there is no such store in the configuration",
    ])
  })

  it('leave out http, which stands in the default list of stores', async () => {
    const { log, lines } = recordingLog()
    const stores = await openStores([fileStore('file'), unbuilt('http', 'http')], { log })
    expect([...stores.drivers.keys()]).toEqual(['file'])
    expect(lines).toContainEqual(expect.objectContaining({ level: 'warn', fields: { store: 'http' } }))
    await stores.close()
    for (const named of [unbuilt('http', 'web'), unbuilt('http', 'http', true)])
      await expect(openStores([named], { log: silentLog })).rejects.toThrow('type http is not available')
  })

  it('take several directories beside the default one, which counts as unset', async () => {
    const several = fileStore('several', {
      filesystem_store_datadir: '/var/lib/glance/images',
      filesystem_store_datadirs: [`${scratch.path('a')}:1`],
    })
    const stores = await openStores([several], { log: silentLog })
    const driver = stores.drivers.get('several')
    const placed = await driver?.put(randomUUID(), lent(content(1)), { attempt: 'a', signal: live() })
    expect(placed?.url).toContain(scratch.path('a'))
    await stores.close()
  })
})
