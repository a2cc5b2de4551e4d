import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Placed, StoreDriver } from '../driver.ts'
import { live } from '../testing/bench.ts'
import { content, lent, MIB, readAll } from '../testing/content.ts'
import type { FilesystemOptions } from './config.ts'
import { makeScratch, openFileStore, type Scratch } from './testing/scratch.ts'

let scratch: Scratch
beforeEach(() => {
  scratch = makeScratch()
})
afterEach(() => scratch.remove())

const open = (given: Partial<FilesystemOptions> = {}) => openFileStore(scratch.path('images'), given)
const put = (driver: StoreDriver, bytes: Uint8Array | AsyncIterable<Uint8Array>, imageId: string = randomUUID()) =>
  driver.put(imageId, bytes instanceof Uint8Array ? lent(bytes) : bytes, { attempt: randomUUID(), signal: live() })
const pathOf = ({ url }: Placed): string => url.replace('file://', '')
const inTwoDirs = () =>
  open({
    filesystem_store_datadir: '',
    filesystem_store_datadirs: [`${scratch.path('a')}:1`, `${scratch.path('b')}:2`],
  })

describe('files of a store', () => {
  it('are named by the image id and leave nothing beside', async () => {
    const imageId = randomUUID()
    const placed = await put(await open(), content(MIB), imageId)
    expect(placed).toEqual({ url: `file://${scratch.path('images')}/${imageId}`, metadata: {}, size: MIB })
    expect(readdirSync(scratch.path('images'))).toEqual([imageId])
  })

  it('get the mode that is configured, and otherwise that of the process', async () => {
    const plain = await put(await open(), content(1))
    writeFileSync(scratch.path('ordinary'), '')
    expect(statSync(pathOf(plain)).mode).toBe(statSync(scratch.path('ordinary')).mode)
    const shared = await put(await open({ filesystem_store_file_perm: 0o664 }), content(1))
    expect(statSync(pathOf(shared)).mode & 0o777).toBe(0o664)
  })

  it('have holes where the image has zeros, when that is configured', async () => {
    const bytes = content(4 * MIB).fill(0, MIB, 4 * MIB)
    const diskOf = (placed: Placed): number => statSync(pathOf(placed)).blocks * 512
    const thin = await put(await open({ filesystem_thin_provisioning: true }), bytes)
    const full = await put(await open(), bytes)
    expect(diskOf(full)).toBeGreaterThanOrEqual(4 * MIB)
    expect(diskOf(thin)).toBeLessThan(1.5 * MIB)
    expect(readFileSync(pathOf(thin)).equals(bytes)).toBe(true)
    const empty = await put(await open({ filesystem_thin_provisioning: true }), new Uint8Array(4 * MIB))
    expect(diskOf(empty)).toBeLessThan(64 * 1024)
    expect(statSync(pathOf(empty)).size).toBe(4 * MIB)
  })

  it('carry the metadata of their mount', async () => {
    const share = { id: 'nfs-1', mountpoint: scratch.dir, type: 'nfs' }
    writeFileSync(scratch.path('metadata.json'), JSON.stringify([share]))
    const driver = await open({ filesystem_store_metadata_file: scratch.path('metadata.json') })
    expect((await put(driver, content(1))).metadata).toEqual(share)
  })

  it('may lie in any of several directories', async () => {
    const driver = await inTwoDirs()
    const placed = await put(driver, content(5))
    expect(pathOf(placed).startsWith(scratch.path('b'))).toBe(true)
    const id = randomUUID()
    writeFileSync(`${scratch.path('a')}/${id}`, 'older')
    expect(await driver.stat(`file://${scratch.path('a')}/${id}`)).toEqual({ size: 5 })
  })
})

describe('replacing', () => {
  it('is one step: a reader sees the old object or the new one', async () => {
    const driver = await open()
    const imageId = randomUUID()
    const { url } = await put(driver, content(10, 1), imageId)
    const seen: unknown[] = []
    async function* source() {
      yield content(20, 2)
      seen.push(await driver.stat(url))
    }
    await put(driver, source(), imageId)
    expect([...seen, await driver.stat(url)]).toEqual([{ size: 10 }, { size: 20 }])
  })

  it('removes what a dead attempt left in another directory', async () => {
    const driver = await inTwoDirs()
    const imageId = randomUUID()
    writeFileSync(`${scratch.path('a')}/${imageId}`, 'left behind')
    await put(driver, content(10), imageId)
    expect(readdirSync(scratch.path('a'))).toEqual([])
    expect(readdirSync(scratch.path('b'))).toEqual([imageId])
  })

  it.for(['none', 'one'])('spares what another attempt has stored meanwhile (%s before)', async (before) => {
    const driver = await open()
    const imageId = randomUUID()
    if (before === 'one') await put(driver, content(3), imageId)
    async function* slow() {
      yield content(10, 1)
      await put(driver, content(20, 2), imageId)
    }
    await expect(put(driver, slow(), imageId)).rejects.toMatchObject({ code: 'Duplicate' })
    expect(await driver.stat(`file://${scratch.path('images')}/${imageId}`)).toEqual({ size: 20 })
    expect(readdirSync(scratch.path('images'))).toEqual([imageId])
  })

  it('begins anew when the same attempt runs again', async () => {
    const driver = await open()
    const [imageId, attempt] = [randomUUID(), 'again']
    writeFileSync(`${scratch.path('images')}/.${imageId}.${attempt}.part`, 'a longer text than what comes')
    const placed = await driver.put(imageId, lent(content(5)), { attempt, signal: live() })
    expect(readFileSync(pathOf(placed))).toEqual(Buffer.from(content(5)))
    expect(readdirSync(scratch.path('images'))).toEqual([imageId])
  })
})

describe('what is no image file', () => {
  it('is never read through a link out of the store, and its link can be removed', async () => {
    const driver = await open()
    writeFileSync(scratch.path('secret'), 'secret')
    const id = randomUUID()
    symlinkSync(scratch.path('secret'), `${scratch.path('images')}/${id}`)
    const url = `file://${scratch.path('images')}/${id}`
    await expect(driver.get(url, { signal: live() })).rejects.toMatchObject({ code: 'BadRequest' })
    await expect(driver.stat(url)).rejects.toMatchObject({ code: 'BadRequest' })
    await driver.delete(url)
    expect(existsSync(scratch.path('secret'))).toBe(true)
    expect(readdirSync(scratch.path('images'))).toEqual([])
  })

  it('is read through a link inside the store', async () => {
    const driver = await open()
    const { url } = await put(driver, content(9))
    symlinkSync(pathOf({ url, metadata: {}, size: 9 }), `${scratch.path('images')}/alias`)
    const alias = `file://${scratch.path('images')}/alias`
    expect(await driver.stat(alias)).toEqual({ size: 9 })
    expect(await readAll(await driver.get(alias, { signal: live() }))).toEqual(Buffer.from(content(9)))
  })

  it('is no object when it is a directory or a pipe, and is never listed', async () => {
    const driver = await open()
    const [folder, pipe] = [randomUUID(), randomUUID()]
    mkdirSync(`${scratch.path('images')}/${folder}`)
    execFileSync('mkfifo', [`${scratch.path('images')}/${pipe}`])
    writeFileSync(`${scratch.path('images')}/notes.txt`, 'not ours')
    for (const name of [folder, pipe]) {
      const url = `file://${scratch.path('images')}/${name}`
      await expect(driver.get(url, { signal: live() })).rejects.toMatchObject({ code: 'StoreObjectNotFound' })
      await expect(driver.stat(url)).rejects.toMatchObject({ code: 'StoreObjectNotFound' })
    }
    await expect(driver.delete(`file://${scratch.path('images')}/${folder}`)).rejects.toMatchObject({
      code: 'StoreWriteDenied',
    })
    const listed: unknown[] = []
    for await (const each of driver.list?.() ?? []) listed.push(each)
    expect(listed).toEqual([])
  })

  it('errors when the file is cut while it is read', async () => {
    const driver = await open()
    const placed = await put(driver, content(3 * MIB))
    const opened = await driver.get(placed.url, { signal: live() })
    const reading = readAll(opened)
    writeFileSync(pathOf(placed), 'short')
    await expect(reading).rejects.toMatchObject({ code: 'StoreUnavailable' })
  })
})
