import { randomBytes, randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { OpenUpload } from '@glance/shared/contracts/bytes'
import { GlanceError } from '@glance/shared/errors/error'
import { silentLog } from '@glance/shared/log/silent'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ListedObject, StoreDriver } from '../drivers/driver.ts'
import { openMemoryStore } from '../drivers/memory.ts'
import { openUploadSource } from '../sources/body.ts'
import { openUploadServer, type UploadServer } from '../sources/testing/upload-server.ts'
import { digestOf } from '../testing/digests.ts'
import { type FakeRegistry, openFakeRegistry } from '../testing/fake-registry.ts'
import { until } from '../testing/wait.ts'
import { BLOCK_SIZE, type BlockPool, openBlockPool } from './blocks.ts'
import { type DigestPool, openDigestPool } from './digest.ts'
import { type TransferOrder, transfer } from './transfer.ts'

const MIB = 1024 * 1024
const INSPECTION = { requireMatch: true, vmdkAllowedTypes: [], gptSafetyChecksNonfatal: [] }

let registry: FakeRegistry
let store: StoreDriver
let blocks: BlockPool
let digests: DigestPool
let server: UploadServer
let upload: OpenUpload
let out: number

beforeEach(async () => {
  registry = openFakeRegistry()
  store = openMemoryStore()
  const pool = openBlockPool()
  out = 0
  blocks = {
    take: () => {
      out += 1
      return pool.take()
    },
    give: (block) => {
      out -= 1
      pool.give(block)
    },
    drop: () => pool.drop(),
  }
  digests = openDigestPool({ threads: 2, blocks })
  server = await openUploadServer()
})
afterEach(async () => {
  await server.close()
  await digests.close()
})

function begin(more: Partial<TransferOrder> = {}): Promise<void> {
  const parts = { registry, blocks, digests, hashAlgo: 'sha512', inspection: INSPECTION, holder: 'worker-1' }
  return transfer(parts, {
    transferId: 'transfer-1',
    imageId: randomUUID(),
    store: 'main',
    driver: store,
    sizeLimit: 100 * MIB,
    diskFormat: 'raw',
    containerFormat: 'bare',
    requestId: 'req-1',
    log: silentLog,
    signal: new AbortController().signal,
    open: async (signal) => {
      upload = await openUploadSource().open(server.at, signal)
      return upload
    },
    ...more,
  })
}

/** Sends chunks for as long as anybody takes them. */
async function pump(response: ServerResponse): Promise<number> {
  const chunk = Buffer.alloc(64 * 1024)
  let sent = 0
  while (!response.destroyed && sent < 200 * MIB) {
    sent += chunk.length
    if (!response.write(chunk))
      await Promise.race([new Promise((resolve) => response.once('drain', resolve)), sleep(50)])
  }
  return sent
}

async function listed(): Promise<ListedObject[]> {
  const all: ListedObject[] = []
  for await (const each of store.list?.() ?? []) all.push(each)
  return all
}

async function expectNothingLeft(): Promise<void> {
  expect(await listed()).toEqual([])
  expect(registry.completed).toBeUndefined()
  await until(() => out === 0)
}

describe('a transfer', () => {
  it.each([0, 1, BLOCK_SIZE - 1, BLOCK_SIZE, BLOCK_SIZE + 1, 64 * MIB])(
    'stores %i bytes and commits what they are',
    async (size) => {
      const content = randomBytes(size)
      const done = begin({ size })
      const response = await server.taken
      response.end(content)
      await done
      await upload.report({ ok: true })
      const [object] = await listed()
      expect(registry.completed).toEqual({
        url: object?.url,
        metadata: {},
        size,
        virtualSize: size === 0 ? null : size,
        checksum: digestOf('md5', content),
        hashAlgo: 'sha512',
        hashValue: digestOf('sha512', content),
      })
      const stored = await store.get(object?.url ?? '', { signal: new AbortController().signal })
      expect(digestOf('sha256', Buffer.concat(await stored.bytes.toArray()))).toBe(digestOf('sha256', content))
      expect(registry.calls).toEqual(['holdTransfer', 'completeTransfer'])
      await until(() => out === 0)
    },
  )

  it('takes a source that dribbles', async () => {
    const done = begin()
    const response = await server.taken
    for (const letter of 'slowly') {
      response.write(letter)
      await sleep(5)
    }
    response.end()
    await done
    expect(registry.completed).toMatchObject({ size: 6, checksum: digestOf('md5', Buffer.from('slowly')) })
  })

  it.each([
    [
      'the source dies midway',
      'ClientGone',
      {},
      async (response: ServerResponse) => {
        response.write(randomBytes(3 * MIB))
        await sleep(20)
        server.kill()
      },
    ],
    [
      'fewer bytes come than announced',
      'SizeMismatch',
      { size: 2 * MIB },
      async (response: ServerResponse) => {
        response.end(randomBytes(2 * MIB - 1))
      },
    ],
    [
      'more bytes come than announced',
      'SizeMismatch',
      { size: 2 * MIB },
      async (response: ServerResponse) => {
        response.write(randomBytes(2 * MIB + 1))
      },
    ],
    [
      'the size passes the limit',
      'TooLarge',
      { sizeLimit: 5 * MIB },
      async (response: ServerResponse) => {
        expect(await pump(response)).toBeLessThan(100 * MIB)
      },
    ],
    [
      'the data are no qcow2',
      'FormatRefused',
      { diskFormat: 'qcow2' },
      async (response: ServerResponse) => {
        expect(await pump(response)).toBeLessThan(100 * MIB)
      },
    ],
    [
      'the data end within a header',
      'FormatRefused',
      { diskFormat: 'qcow2' },
      async (response: ServerResponse) => {
        response.end(Buffer.from('QFI\xfb', 'latin1'))
      },
    ],
  ])('leaves nothing when %s', async (_, code, more, send) => {
    const done = begin(more)
    const failing = expect(done).rejects.toMatchObject({ code })
    const response = await server.taken
    const sending = send(response)
    await failing
    const error = { code, message: 'told' } as const
    await upload.report({ ok: false, error: error as never })
    if (code !== 'ClientGone') expect(await server.outcome).toEqual({ ok: false, error })
    await sending
    await expectNothingLeft()
    expect(registry.failed).toHaveLength(1)
    expect(registry.calls).not.toContain('completeTransfer')
  })

  it('is cut as soon as the format is refused, long before the end', async () => {
    const done = begin({ diskFormat: 'qcow2', size: 100 * MIB })
    const response = await server.taken
    response.write(randomBytes(2 * MIB))
    await expect(done).rejects.toMatchObject({ code: 'FormatRefused' })
    await expectNothingLeft()
  })

  it('fails the transfer when the upload is gone', async () => {
    const order = { open: async () => Promise.reject(new GlanceError('TicketRefused')) }
    await expect(begin(order)).rejects.toMatchObject({ code: 'TicketRefused' })
    expect(registry.failed).toHaveLength(1)
    await expectNothingLeft()
  })

  it('touches nothing when another holds the transfer', async () => {
    registry.failNext('holdTransfer', 'LeaseLost')
    await expect(begin()).rejects.toMatchObject({ code: 'LeaseLost' })
    expect(registry.calls).toEqual(['holdTransfer'])
    await expectNothingLeft()
  })

  it('stops when the lease is lost while bytes move', async () => {
    registry.leaseSeconds = 1
    const done = begin()
    const response = await server.taken
    response.write(randomBytes(2 * MIB))
    registry.failNext('holdTransfer', 'LeaseLost')
    await expect(done).rejects.toMatchObject({ code: 'LeaseLost' })
    expect(registry.failed).toEqual([])
    await expectNothingLeft()
  })

  it('stops with the job, and says so', async () => {
    const controller = new AbortController()
    const done = begin({ signal: controller.signal })
    await server.taken
    controller.abort(new GlanceError('Unavailable', 'the worker stops'))
    await expect(done).rejects.toMatchObject({ code: 'Unavailable' })
    expect(registry.failed).toEqual(['the worker stops'])
    await expectNothingLeft()
  })

  it('leaves nothing when the store fails', async () => {
    store = openMemoryStore({ sizeLimit: 3 * MIB })
    const failing = expect(begin()).rejects.toMatchObject({ code: 'StoreFull' })
    const response = await server.taken
    void pump(response)
    await failing
    await upload.report({ ok: false, error: { code: 'StoreFull', message: '' } })
    await expectNothingLeft()
  })

  it('removes the object when a digest fails after it was stored', async () => {
    const broken: DigestPool = {
      ...digests,
      open: (algorithms) => ({
        ...digests.open(algorithms),
        finish: () => Promise.reject(new GlanceError('Internal')),
      }),
    }
    const parts = { registry, blocks, digests: broken, hashAlgo: 'sha512', inspection: INSPECTION, holder: 'w' }
    const order = { transferId: 't', imageId: randomUUID(), store: 'main', driver: store, sizeLimit: MIB }
    const format = { diskFormat: 'raw', containerFormat: 'bare', requestId: 'r', log: silentLog }
    const { signal } = new AbortController()
    const open = async () => openUploadSource().open(server.at, signal)
    const failing = expect(transfer(parts, { ...order, ...format, signal, open })).rejects.toMatchObject({
      code: 'Internal',
    })
    ;(await server.taken).end('image')
    await failing
    expect(registry.calls).toEqual(['holdTransfer', 'failTransfer'])
    await expectNothingLeft()
  })
})

describe('committing', () => {
  async function send(): Promise<void> {
    const done = begin()
    const ended = done.catch(() => undefined)
    ;(await server.taken).end('image')
    await ended
    return done
  }

  it('is tried again while the registry is away', async () => {
    registry.failNext('completeTransfer', 'Unavailable', 'DeadlineExceeded')
    await send()
    expect(registry.calls.filter((call) => call === 'completeTransfer')).toHaveLength(3)
    expect(await listed()).toHaveLength(1)
  })

  it.each(['LeaseLost', 'Gone'] as const)('refused with %s removes the object', async (code) => {
    registry.failNext('completeTransfer', code)
    await expect(send()).rejects.toMatchObject({ code })
    expect(registry.calls).toEqual(['holdTransfer', 'completeTransfer', 'knowsObject'])
    await expectNothingLeft()
  })

  it('refused leaves an object alone that the registry knows', async () => {
    registry.failNext('completeTransfer', 'LeaseLost')
    const imageId = randomUUID()
    registry.known.add(`memory:///${imageId}`)
    const done = begin({ imageId })
    const failing = expect(done).rejects.toMatchObject({ code: 'LeaseLost' })
    ;(await server.taken).end('image')
    await failing
    expect(await listed()).toHaveLength(1)
  })

  it('whose answer was lost is found out, and is a success', async () => {
    registry.failNext('completeTransfer', 'Internal')
    registry.outcome = 'completed'
    await send()
    expect(await listed()).toHaveLength(1)
  })

  it('of an image that was deleted meanwhile ends with Gone, whatever broke first', async () => {
    registry.failNext('completeTransfer', 'StoreUnavailable')
    registry.outcome = 'gone'
    await expect(send()).rejects.toMatchObject({ code: 'Gone' })
    await expectNothingLeft()
  })

  it('that failed for sure removes the object', async () => {
    registry.failNext('completeTransfer', 'Internal')
    await expect(send()).rejects.toMatchObject({ code: 'Internal' })
    expect(registry.calls).toEqual(['holdTransfer', 'completeTransfer', 'failTransfer', 'knowsObject'])
    await expectNothingLeft()
  })

  it('of which nothing can be found out leaves the object', async () => {
    registry.failNext('completeTransfer', 'Internal')
    registry.failNext('failTransfer', 'Internal')
    await expect(send()).rejects.toMatchObject({ code: 'Internal' })
    expect(await listed()).toHaveLength(1)
  })
})
