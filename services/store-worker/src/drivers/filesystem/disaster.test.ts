import { randomUUID } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ListedObject, StoreDriver } from '../driver.ts'
import { live } from '../testing/bench.ts'
import { type Child, runChild } from '../testing/child.ts'
import { content, endless, lent, MIB } from '../testing/content.ts'
import { partName } from './location.ts'
import { type Mounted, tryMount } from './testing/mount.ts'
import type { PutOrder } from './testing/put-main.ts'
import { makeScratch, openFileStore, residueIn, type Scratch } from './testing/scratch.ts'

const MAIN = fileURLToPath(new URL('./testing/put-main.ts', import.meta.url))
const NOBODY = 65_534
const order = (dir: string, rest: Partial<PutOrder>): PutOrder => ({
  dir,
  imageIds: [randomUUID()],
  attempt: 'child',
  size: MIB,
  ...rest,
})

let scratch: Scratch
let dir: string
let mounted: Mounted | undefined
let child: Child | undefined
beforeEach(() => {
  scratch = makeScratch()
  dir = scratch.path('images')
})
afterEach(async () => {
  await child?.kill()
  mounted?.unmount()
  child = undefined
  mounted = undefined
  if (existsSync(dir)) chmodSync(dir, 0o755)
  scratch.remove()
})

const run = (what: PutOrder, ulimit?: string): Child => {
  child = runChild(MAIN, what, ulimit)
  return child
}

async function listAll(driver: StoreDriver): Promise<ListedObject[]> {
  const listed: ListedObject[] = []
  for await (const object of driver.list?.() ?? []) listed.push(object)
  return listed
}

/** The last line a child says: how it ended. */
async function endOf(running: Child): Promise<string | undefined> {
  let last: string | undefined
  for (let line = await running.line(); line !== undefined; line = await running.line()) last = line
  return last
}

describe('a full disk', () => {
  it('is StoreFull, leaves nothing, and takes images again when there is room', { timeout: 30_000 }, async () => {
    mounted = tryMount(dir, 8 * MIB)
    if (mounted === undefined) {
      // No small disk here; a process that may write no larger files meets the same errors.
      expect(await endOf(run(order(dir, { size: 32 * MIB }), '-f 8192'))).toBe('failed StoreFull')
      expect(await listAll(await openFileStore(dir))).toEqual([])
      return
    }
    const driver = await openFileStore(dir)
    const put = (size: number) =>
      driver.put(randomUUID(), lent(content(size)), { attempt: randomUUID(), signal: live() })
    const { url } = await put(6 * MIB)
    await expect(put(3 * MIB)).rejects.toMatchObject({ code: 'StoreFull' })
    await expect(Promise.all([put(1.5 * MIB), put(1.5 * MIB)])).rejects.toMatchObject({ code: 'StoreFull' })
    await expect.poll(() => residueIn([dir])).toEqual([])
    await driver.delete(url)
    await put(7 * MIB)
  })
})

describe('a directory that cannot be written', () => {
  it('keeps the store from opening, with the directory and the reason in the message', async () => {
    mounted = tryMount(dir, MIB)
    if (mounted !== undefined) mounted.makeReadOnly()
    else if (process.getuid?.() !== 0) chmodSync(dir, 0o555)
    // Root without the right to mount is refused by nothing but a kernel's own directory.
    const denied = mounted === undefined && process.getuid?.() === 0 ? '/proc/self' : dir
    await expect(openFileStore(denied)).rejects.toMatchObject({
      code: 'StoreUnavailable',
      message: expect.stringMatching(new RegExp(`^directory ${denied} cannot be used: E(ROFS|ACCES|PERM|NOENT)`)),
    })
  })

  it('refuses images with StoreWriteDenied and still reads', { timeout: 30_000 }, async () => {
    mounted = tryMount(dir, 8 * MIB)
    const driver = await openFileStore(dir)
    const { url } = await driver.put(randomUUID(), lent(content(9)), { attempt: 'a', signal: live() })
    if (mounted !== undefined) {
      mounted.makeReadOnly()
    } else if (process.getuid?.() === 0) {
      chmodSync(dir, 0o555)
      expect(await endOf(run(order(dir, { uid: NOBODY })))).toBe('failed StoreWriteDenied')
      return
    } else {
      chmodSync(dir, 0o555)
    }
    const put = driver.put(randomUUID(), endless(), { attempt: 'a', signal: live() })
    await expect(put).rejects.toMatchObject({ code: 'StoreWriteDenied' })
    await expect(driver.delete(url)).rejects.toMatchObject({ code: 'StoreWriteDenied' })
    expect(await driver.stat(url)).toEqual({ size: 9 })
  })

  it('that vanished is StoreUnavailable', async () => {
    const driver = await openFileStore(dir)
    scratch.remove()
    const put = driver.put(randomUUID(), lent(content(9)), { attempt: 'a', signal: live() })
    await expect(put).rejects.toMatchObject({ code: 'StoreUnavailable' })
    mkdirSync(dir, { recursive: true })
    expect(await driver.put(randomUUID(), lent(content(9)), { attempt: 'a', signal: live() })).toMatchObject({
      size: 9,
    })
  })
})

describe('a process killed in the middle of a put', () => {
  it('leaves no object, and only residue that discard removes', { timeout: 60_000 }, async () => {
    const what = order(dir, { size: 2 ** 40 })
    const [imageId = ''] = what.imageIds
    const running = run(what)
    for (let line = await running.line(); line !== `bytes ${8 * MIB}`; line = await running.line()) {
      expect(line, 'the child puts').toMatch(/^bytes /)
    }
    await running.kill()
    const driver = await openFileStore(dir)
    expect(await listAll(driver)).toEqual([expect.objectContaining({ imageId, attempt: what.attempt })])
    await expect(driver.stat(`file://${dir}/${imageId}`)).rejects.toMatchObject({ code: 'StoreObjectNotFound' })
    const other = partName(imageId, 'other')
    writeFileSync(`${dir}/${other}`, 'of a live attempt')
    await driver.discard(imageId, what.attempt)
    expect(residueIn([dir])).toEqual([other])
  })

  it('leaves whole objects and residue, whenever it dies', { timeout: 60_000 }, async () => {
    const imageIds: string[] = Array.from({ length: 2_000 }, () => randomUUID())
    const size = 300_001
    const running = run(order(dir, { imageIds, size }))
    const enough = 5 + Math.floor(Math.random() * 40)
    let done = 0
    while (done < enough) {
      const line = await running.line()
      expect(line, 'the child puts').toMatch(/^(bytes|ok) /)
      if (line?.startsWith('ok ')) done += 1
    }
    await running.kill()
    const driver = await openFileStore(dir)
    const listed = await listAll(driver)
    const objects = listed.filter(({ attempt }) => attempt === undefined)
    expect(objects.length).toBeGreaterThanOrEqual(enough)
    expect(listed.length - objects.length).toBeLessThanOrEqual(1)
    for (const { imageId } of objects) {
      const wanted = content(size, imageIds.indexOf(imageId))
      expect(readFileSync(`${dir}/${imageId}`).equals(wanted), imageId).toBe(true)
    }
  })
})
