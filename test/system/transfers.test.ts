import { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { GlanceError } from '@glance/shared/errors/error'
import type { StoreDriver } from '@glance/store-worker/drivers/driver'
import { openMemoryStore } from '@glance/store-worker/drivers/memory'
import { afterEach, describe, expect, it } from 'vitest'
import { type House, type HouseOptions, openHouse } from '../support/house.ts'
import { type Body, clientOf, type HouseClient } from '../support/house-client.ts'
import { waitFor } from '../support/wait.ts'

let house: House
let client: HouseClient
async function open(options: HouseOptions = {}): Promise<void> {
  house = await openHouse(options)
  client = clientOf(house)
}
afterEach(() => house.close())

const bytes = Buffer.alloc(3_000_000, 'some bytes of an image ')
const holding = async (store = 'main'): Promise<number> => {
  let count = 0
  for await (const _ of house.stores.get(store)?.list?.() ?? []) count += 1
  return count
}
/** A body that sends its first part and then waits for the test. */
function heldBack(): { body: Body; goOn: () => void } {
  let goOn = (): void => undefined
  const signal = new Promise<void>((resolve) => {
    goOn = resolve
  })
  const parts = async function* () {
    yield bytes.subarray(0, 1_500_000)
    await signal
    yield bytes.subarray(1_500_000)
  }
  return { body: Readable.toWeb(Readable.from(parts())) as unknown as Body, goOn }
}

describe('an image’s life', () => {
  it('goes from queued over saving to active, is read whole and in parts, and leaves nothing when it goes', async () => {
    await open()
    const id = await client.create({ name: 'Ἀθῆναι 😀', tags: ['a'], os_distro: 'debian' })
    const { body, goOn } = heldBack()
    const uploading = client.upload(id, body)
    await client.untilStatus(id, 'saving')
    goOn()
    expect((await uploading).status).toBe(204)
    expect(await client.show(id)).toMatchObject({
      status: 'active',
      size: bytes.length,
      name: 'Ἀθῆναι 😀',
      os_distro: 'debian',
      stores: 'main',
    })
    const whole = await client.send('GET', `/v2/images/${id}/file`)
    expect(Buffer.from(await whole.arrayBuffer()).equals(bytes)).toBe(true)
    const part = await client.send('GET', `/v2/images/${id}/file`, { headers: { range: 'bytes=1000-1999' } })
    expect(part.status).toBe(206)
    expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(1000, 2000))).toBe(true)
    expect((await client.send('DELETE', `/v2/images/${id}`)).status).toBe(204)
    expect((await client.send('GET', `/v2/images/${id}`)).status).toBe(404)
    await waitFor(async () => (await holding()) === 0, { what: 'the bytes are gone' })
  })

  it('deleted while its data arrive, answers the uploader 410 and keeps nothing', async () => {
    await open()
    const id = await client.create()
    const { body, goOn } = heldBack()
    const uploading = client.upload(id, body)
    await client.untilStatus(id, 'saving')
    expect((await client.send('DELETE', `/v2/images/${id}`)).status).toBe(204)
    goOn()
    expect((await uploading).status).toBe(410)
    await waitFor(async () => (await holding()) === 0, { what: 'nothing is left' })
  })
})

describe('an upload that nobody can take', () => {
  it('is 503 with Retry-After after upload_wait, withdrawn, and the image is queued', async () => {
    await open({ isWorkerless: true, settings: { upload_wait: 1 } })
    const id = await client.create()
    const answer = await client.upload(id, bytes)
    expect(answer.status).toBe(503)
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await client.show(id)).status).toBe('queued')
    const rows = await house.database.query({ text: "SELECT COUNT(*) FROM outbox WHERE name = 'upload'", values: [] })
    expect(Number(rows[0]?.[0])).toBe(0)
  })
})

describe('an upload that fails', () => {
  it('because the store is full: 413, nothing left, and a smaller one succeeds', async () => {
    await open({ stores: new Map([['main', openMemoryStore({ sizeLimit: 2_000_000 })]]) })
    const id = await client.create()
    expect((await client.upload(id, bytes)).status).toBe(413)
    expect(await client.show(id)).toMatchObject({ status: 'queued', size: null, checksum: null })
    expect(await holding()).toBe(0)
    expect((await client.upload(id, bytes.subarray(0, 1_000_000))).status).toBe(204)
  })

  it('because the data lie about their format: 415, and the right ones are taken afterwards', async () => {
    await open()
    const id = await client.create({ disk_format: 'qcow2' })
    expect((await client.upload(id, bytes)).status).toBe(415)
    expect(await holding()).toBe(0)
    await client.send('PATCH', `/v2/images/${id}`, {
      json: [{ op: 'replace', path: '/disk_format', value: 'raw' }],
      headers: { 'content-type': 'application/openstack-images-v2.1-json-patch' },
    })
    expect((await client.upload(id, bytes)).status).toBe(204)
  })

  it('because the client breaks off: queued again, nothing left', async () => {
    await open()
    const id = await client.create()
    const broken = new AbortController()
    const { body } = heldBack()
    const headers = { 'content-type': 'application/octet-stream' }
    const uploading = client.send('PUT', `/v2/images/${id}/file`, { body, headers, signal: broken.signal })
    await client.untilStatus(id, 'saving')
    await pause(100)
    broken.abort()
    await expect(uploading).rejects.toThrow()
    await client.untilStatus(id, 'queued')
    await waitFor(async () => (await holding()) === 0, { what: 'nothing is left' })
  })
})

describe('a registry that is away for a moment', () => {
  it('while the bytes are committed: the worker insists, and the image is active once', async () => {
    let refusals = 0
    await open({
      aroundRegistry: (inner) => async (call, signal) => {
        if (call.method === 'completeTransfer' && refusals < 3) {
          refusals += 1
          // Twice the call is lost, once only its answer.
          if (refusals === 3) await inner(call, signal)
          throw new GlanceError('Unavailable')
        }
        return inner(call, signal)
      },
    })
    const id = await client.create()
    expect((await client.upload(id, bytes)).status).toBe(204)
    expect(refusals).toBe(3)
    expect(await client.show(id)).toMatchObject({ status: 'active', size: bytes.length })
    expect(await holding()).toBe(1)
  })
})

describe('a lease that nobody renews', () => {
  it('ends: the image is queued, and the late holder cannot commit', async () => {
    const slow = openMemoryStore()
    let release = (): void => undefined
    const stuck = new Promise<void>((resolve) => {
      release = resolve
    })
    const driver: StoreDriver = {
      ...slow,
      put: async (...given) => {
        const placed = await slow.put(...given)
        await stuck
        return placed
      },
    }
    await open({
      stores: new Map([['main', driver]]),
      settings: { transfer_lease: 2 },
      // The worker lives, but its renewals do not arrive.
      aroundRegistry: (inner) => {
        let held = 0
        return async (call, signal) => {
          if (call.method === 'holdTransfer' && held++ > 0) throw new GlanceError('Unavailable')
          return inner(call, signal)
        }
      },
    })
    const id = await client.create()
    const uploading = client.upload(id, bytes)
    await client.untilStatus(id, 'saving')
    await client.untilStatus(id, 'queued')
    release()
    expect((await uploading).status).toBeGreaterThanOrEqual(400)
    expect((await client.show(id)).status).toBe('queued')
    await waitFor(async () => (await holding()) === 0, { what: 'the late bytes are removed' })
  })
})

describe('a download', () => {
  it('that breaks midway goes on at the next place, at that byte', async () => {
    const [first, second] = [openMemoryStore(), openMemoryStore()]
    let isBreaking = false
    const breaking: StoreDriver = {
      ...first,
      get: async (url, options) => {
        const object = await first.get(url, options)
        if (!isBreaking) return object
        const half = async function* () {
          let sent = 0
          for await (const chunk of object.bytes as AsyncIterable<Buffer>) {
            const rest = 1_000_000 - sent
            yield chunk.subarray(0, rest)
            sent += chunk.length
            if (sent >= 1_000_000) throw new GlanceError('StoreUnavailable')
          }
        }
        return { bytes: Readable.from(half()), length: object.length }
      },
    }
    await open({
      stores: new Map([
        ['main', breaking],
        ['spare', second],
      ]),
    })
    const id = await client.create()
    expect((await client.upload(id, bytes)).status).toBe(204)
    const copy = await second.put(id, chunksOf(bytes), { attempt: 'copy', signal: new AbortController().signal })
    await house.database.execute({
      text: "INSERT INTO image_locations (image_id, value, meta_data, store, status, created_at, updated_at, deleted) VALUES (?, ?, ?, ?, 'active', ?, ?, ?)",
      values: [id, copy.url, '{"store":"spare"}', 'spare', new Date(), new Date(), false],
    })
    isBreaking = true
    const answer = await client.send('GET', `/v2/images/${id}/file`)
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true)
    await second.delete(copy.url)
    const cut = client.send('GET', `/v2/images/${id}/file`).then((short) => short.arrayBuffer())
    await expect(cut).rejects.toThrow()
  })
})

async function* chunksOf(content: Buffer): AsyncIterable<Uint8Array> {
  for (let at = 0; at < content.length; at += 1_000_000) yield content.subarray(at, at + 1_000_000)
}
