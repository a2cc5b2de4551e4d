import { randomBytes, randomUUID } from 'node:crypto'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { openHttpDownloads } from '@glance/shared/bytes/http-download'
import { TICKET_HEADER } from '@glance/shared/contracts/bytes'
import type { Log } from '@glance/shared/log'
import { silentLog } from '@glance/shared/log/silent'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { StoreDriver } from '../drivers/driver.ts'
import { openMemoryStore } from '../drivers/memory.ts'
import { openReads, type Reads } from './reads.ts'
import { createDownloadServer } from './server.ts'

const { signal } = new AbortController()
const CONTENT = randomBytes(3 * 1024 * 1024 + 1)
const downloads = openHttpDownloads()

let driver: StoreDriver
let reads: Reads
let server: Server
let address: string
let url: string
let lines: string[]

beforeEach(async () => {
  driver = openMemoryStore()
  url = (await driver.put(randomUUID(), [CONTENT] as never, { attempt: 'a', signal })).url
  reads = openReads()
  lines = []
  const note = (...told: unknown[]) => void lines.push(JSON.stringify(told))
  const log: Log = { ...silentLog, warn: note, debug: note }
  server = createDownloadServer({ reads, log })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const ready = (from: StoreDriver = driver) => ({
  address,
  ticket: reads.ready({ driver: from, url, imageId: 'i', size: CONTENT.length }).ticket,
})

describe('the byte plane of a worker', () => {
  it('serves an object, and a part of it', async () => {
    const whole = await downloads.open(ready(), { signal })
    expect(Buffer.concat(await whole.bytes.toArray()).equals(CONTENT)).toBe(true)
    const part = await downloads.open(ready(), { signal, range: { first: 7, last: 1_000_000 } })
    expect(part.length).toBe(999_994)
    expect(Buffer.concat(await part.bytes.toArray()).equals(CONTENT.subarray(7, 1_000_001))).toBe(true)
  })

  it('tells a range as HTTP does', async () => {
    const answer = await fetch(`${address}/downloads`, {
      headers: { [TICKET_HEADER]: ready().ticket, range: 'bytes=2-4' },
    })
    expect(answer.status).toBe(206)
    expect(answer.headers.get('content-range')).toBe(`bytes 2-4/${CONTENT.length}`)
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(CONTENT.subarray(2, 5))
  })

  it('refuses a used and an unknown ticket, and keeps tickets out of the log', async () => {
    const at = ready()
    const { bytes } = await downloads.open(at, { signal })
    bytes.destroy()
    await expect(downloads.open(at, { signal })).rejects.toMatchObject({ code: 'TicketRefused' })
    await expect(downloads.open({ address, ticket: 'guess' }, { signal })).rejects.toMatchObject({
      code: 'TicketRefused',
    })
    expect(lines.join()).toContain('read not served')
    expect(lines.join()).not.toContain(at.ticket)
    expect(lines.join()).not.toContain('guess')
  })

  it.each([
    ['/downloads', { method: 'POST' }, 405],
    ['/elsewhere', {}, 404],
    ['/downloads', {}, 401],
    ['/downloads', { headers: { range: 'bytes=-5' } }, 400],
  ])('answers %s %o with %i', async (path, init, status) => {
    const answer = await fetch(address + path, init)
    expect(answer.status).toBe(status)
    expect(await answer.json()).toMatchObject({ code: expect.any(String), message: expect.any(String) })
  })

  it('tells that the object is gone', async () => {
    const at = ready()
    await driver.delete(url)
    await expect(downloads.open(at, { signal })).rejects.toMatchObject({ code: 'StoreObjectNotFound' })
  })

  it('breaks the connection when the store breaks midway', async () => {
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield CONTENT.subarray(0, 1_000_000)
      await new Promise((resolve) => setTimeout(resolve, 50))
      throw new Error('the backend is gone')
    }
    const failing: StoreDriver = {
      ...driver,
      get: async () => ({ bytes: Readable.from(broken()), length: CONTENT.length }),
    }
    const { bytes } = await downloads.open(ready(failing), { signal })
    await expect(bytes.toArray()).rejects.toMatchObject({ code: 'StoreUnavailable' })
  })

  it('lets go of the store when its reader leaves', async () => {
    let opened: Readable | undefined
    const endless: StoreDriver = {
      ...driver,
      get: async () => {
        opened = new Readable({ read: () => void opened?.push(Buffer.alloc(65_536)) })
        return { bytes: opened, length: Number.MAX_SAFE_INTEGER }
      },
    }
    const { bytes } = await downloads.open(ready(endless), { signal })
    await new Promise((resolve) => bytes.once('data', resolve))
    bytes.destroy()
    await expect.poll(() => opened?.destroyed).toBe(true)
  })
})
