import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, renameSync, utimesSync, writeFileSync } from 'node:fs'
import { GlanceError } from '@glance/shared/errors/error'
import { silentLog } from '@glance/shared/log/silent'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { StoreDriver } from '../drivers/driver.ts'
import { partName } from '../drivers/filesystem/location.ts'
import { makeScratch, openFileStore, type Scratch } from '../drivers/filesystem/testing/scratch.ts'
import { guardDriver } from '../drivers/guard.ts'
import type { ReconcileOptions } from './parts.ts'
import { reconcileStore } from './reconcile.ts'
import { FakeRegistry } from './testing/registry.ts'

const MARGIN_MS = 120_000

let scratch: Scratch
let dir: string
let driver: StoreDriver
let registry: FakeRegistry
beforeEach(async () => {
  scratch = makeScratch()
  dir = scratch.path('images')
  driver = guardDriver(await openFileStore(dir), { storeId: 'fast', log: silentLog })
  registry = new FakeRegistry()
})
afterEach(() => scratch.remove())

const urlOf = (name: string): string => `file://${dir}/${name}`

/** A file of that name which was last written that long ago. */
function plant(name: string, { agoMs = 2 * MARGIN_MS, text = 'data' } = {}): string {
  writeFileSync(`${dir}/${name}`, text)
  const then = new Date(Date.now() - agoMs)
  utimesSync(`${dir}/${name}`, then, then)
  return name
}

function run(given: Partial<ReconcileOptions> = {}) {
  const { signal } = new AbortController()
  return reconcileStore({
    storeId: 'fast',
    driver,
    registry,
    olderThanMs: MARGIN_MS,
    repair: true,
    log: silentLog,
    signal,
    ...given,
  })
}

describe('what the registry does not know', () => {
  it('is removed when it is old: objects and residue, and nothing else', async () => {
    const [known, orphan, young, moving] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()]
    registry.add(known, urlOf(plant(known)), 4)
    registry.transfers.add(moving)
    plant(orphan)
    plant(young, { agoMs: MARGIN_MS / 2 })
    plant(partName(orphan, 'dead'))
    const deadOfKnown = plant(partName(known, 'dead'))
    const live = plant(partName(moving, 'live'))
    const youngPart = plant(partName(orphan, 'young'), { agoMs: 0 })
    writeFileSync(`${dir}/notes.txt`, 'not ours')
    expect(await run()).toMatchObject({ objects: 3, orphans: 1, residue: 2, removed: 3, failed: 0 })
    expect(existsSync(`${dir}/${deadOfKnown}`)).toBe(false)
    expect(readdirSync(dir).sort()).toEqual([known, young, live, youngPart, 'notes.txt'].sort())
    expect(await run()).toMatchObject({ orphans: 0, residue: 0, removed: 0 })
  })

  it('is only told of without repair', async () => {
    const orphan = plant(randomUUID())
    const part = plant(partName(orphan, 'dead'))
    expect(await run({ repair: false })).toMatchObject({ orphans: 1, residue: 1, removed: 0 })
    expect(readdirSync(dir).sort()).toEqual([orphan, part].sort())
  })

  it('stays when the registry knows it by another form of its URL', async () => {
    const id = plant(randomUUID())
    registry.add(id, `filesystem://${dir}/${id}`, 4)
    expect(await run()).toMatchObject({ orphans: 0, removed: 0, missing: 0 })
    expect(existsSync(`${dir}/${id}`)).toBe(true)
  })

  it('stays when an image gets it while the store is looked through', async () => {
    const id = plant(randomUUID())
    registry.beforeAnswer = () => {
      if (registry.asked.length === 2) registry.add(id, urlOf(id), 4)
    }
    expect(await run()).toMatchObject({ orphans: 0, removed: 0 })
    expect(existsSync(`${dir}/${id}`)).toBe(true)
  })

  it('stays when it is so much that the registry must be the wrong one, unless forced', async () => {
    for (let count = 0; count < 11; count += 1) plant(randomUUID())
    expect(await run()).toMatchObject({ orphans: 11, removed: 0 })
    expect(readdirSync(dir)).toHaveLength(11)
    expect(await run({ force: true })).toMatchObject({ orphans: 11, removed: 11 })
    expect(readdirSync(dir)).toEqual([])
  })

  it('is asked about in batches', async () => {
    for (let count = 0; count < 450; count += 1) registry.add('x', urlOf(plant(randomUUID())), null)
    expect(await run()).toMatchObject({ objects: 450, orphans: 0 })
    expect(registry.asked).toEqual([200, 200, 50])
  })

  it('is counted as failed when it cannot be removed', async () => {
    plant(randomUUID())
    plant(randomUUID())
    const removals = [new GlanceError('StoreWriteDenied'), new GlanceError('StoreObjectNotFound')]
    const stubborn: StoreDriver = { ...driver, delete: () => Promise.reject(removals.pop()) }
    // One that went by itself counts as removed.
    expect(await run({ driver: stubborn })).toMatchObject({ orphans: 2, removed: 1, failed: 1 })
  })

  it('stays when the registry gives no answer about it', async () => {
    plant(randomUUID())
    registry.knowsObject = async () => ({ known: [] })
    expect(await run()).toMatchObject({ orphans: 0, removed: 0 })
    registry.knowsObject = () => Promise.reject(new GlanceError('Unavailable'))
    await expect(run()).rejects.toMatchObject({ code: 'Unavailable' })
    expect(readdirSync(dir)).toHaveLength(1)
  })
})

describe('what the store does not hold', () => {
  it('is told, page by page, and never changed', async () => {
    const ids = Array.from({ length: 7 }, () => plant(randomUUID()))
    for (const id of ids) registry.add(id, urlOf(id), 4)
    const [lost = '', short = ''] = ids
    renameSync(`${dir}/${lost}`, scratch.path('elsewhere'))
    plant(short, { text: 'dat' })
    registry.add('elsewhere', 's3://other/object', 4)
    const told: unknown[] = []
    const log = { ...silentLog, error: (fields: unknown) => told.push(fields) }
    expect(await run({ log })).toMatchObject({ locations: 8, missing: 1, wrongSize: 1, unreadable: 1, removed: 0 })
    expect(told).toEqual(
      expect.arrayContaining([
        { store: 'fast', image_id: lost },
        { store: 'fast', image_id: short, size: 3, image_size: 4 },
      ]),
    )
    expect(registry.rows).toHaveLength(8)
  })

  it('is no loss when the image went meanwhile', async () => {
    registry.add('gone', urlOf(randomUUID()), 4)
    registry.beforeAnswer = () => registry.rows.splice(0)
    expect(await run()).toMatchObject({ locations: 1, missing: 0 })
  })

  it('is looked for in a store that cannot list, too', async () => {
    registry.add('lost', urlOf(randomUUID()), null)
    const { list: _, ...rest } = driver
    expect(await run({ driver: { ...rest, can: new Set(['range'] as const) } })).toMatchObject({
      missing: 1,
      objects: 0,
    })
  })
})

describe('a run', () => {
  it('ends when it is aborted', async () => {
    plant(randomUUID())
    const reason = new Error('enough')
    await expect(run({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(readdirSync(dir)).toHaveLength(1)
  })

  it('fails when the store cannot be listed', async () => {
    mkdirSync(dir, { recursive: true })
    scratch.remove()
    await expect(run()).rejects.toMatchObject({ code: expect.stringMatching(/^Store/) })
  })
})
