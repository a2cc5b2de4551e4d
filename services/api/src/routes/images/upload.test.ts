import { encodeError, GlanceError } from '@glance/shared/errors/error'
import type { FastifyInstance } from 'fastify'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { buildApi } from '../../app.ts'
import type { ApiConfig } from '../../parts.ts'
import { fakeUploads } from '../../testing/fake-desk.ts'
import { fakeParts, fakeRegistry, IMAGE_ID, type RegistryCall, type RegistryStub } from '../../testing/fake-parts.ts'
import { listen, openRaw } from '../../testing/raw-client.ts'

let app: FastifyInstance | undefined
afterEach(() => app?.close())

/** An api with a worker's side in the test's hands. */
async function start(over: { config?: Partial<ApiConfig>; registry?: RegistryStub } = {}) {
  const calls: RegistryCall[] = []
  const { desk, offers } = fakeUploads()
  const registry = fakeRegistry(
    {
      beginTransfer: () => ({ transferId: 'transfer-1', store: 'fast' }),
      failTransfer: () => ({ outcome: 'failed' }),
      ...over.registry,
    },
    calls,
  )
  app = buildApi(fakeParts({ registry, uploads: desk, ...(over.config === undefined ? {} : { config: over.config }) }))
  const port = await listen(app)
  const put = (headers: string) =>
    openRaw(
      port,
      `PUT /v2/images/${IMAGE_ID}/file HTTP/1.1\nHost: h\nX-Auth-Token: t\nContent-Type: application/octet-stream\n${headers}\n`,
    )
  const offered = async () => {
    await vi.waitFor(() => expect(offers).toHaveLength(1))
    const [offer] = offers
    if (offer === undefined) throw new Error('nothing was offered')
    return offer
  }
  const failures = () => calls.filter(({ method }) => method === 'failTransfer').map(({ input }) => input)
  return { port, put, offered, offers, calls, failures }
}

describe('a good upload', () => {
  test('goes to the worker that takes it, and is answered when that is done', async () => {
    const { put, offered, calls, failures } = await start()
    const client = put('Content-Length: 5\nX-Image-Meta-Store: cheap\nConnection: close\n')
    client.socket.write('hello')
    const offer = await offered()
    offer.take()
    expect((await offer.read()).toString()).toBe('hello')
    offer.report({ ok: true })
    const answer = await client.answer()
    expect([answer.status, answer.body]).toEqual([204, ''])
    expect(answer.headers['x-openstack-request-id']).toMatch(/^req-/)
    expect(calls[0]).toMatchObject({
      method: 'beginTransfer',
      context: { projectId: 'p1' },
      input: { imageId: IMAGE_ID, store: 'cheap', size: 5, source: { address: 'memory:', ticket: 't1' } },
    })
    expect(offer.upload.size).toBe(5)
    expect(failures()).toEqual([])
  })

  test('may be chunked, its size told by a header of its own or not at all', async () => {
    for (const [header, size] of [
      ['', undefined],
      ['X-OpenStack-Image-Size: 7\n', 7],
    ] as const) {
      const { put, offered, calls } = await start()
      const client = put(`Transfer-Encoding: chunked\n${header}Connection: close\n`)
      client.socket.write('3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n')
      const offer = await offered()
      expect((calls[0]?.input as { size?: number } | undefined)?.size).toBe(size)
      // What is only announced may be untrue, and must not frame the bytes on their way to the worker.
      expect(offer.upload.size).toBeUndefined()
      offer.take()
      expect((await offer.read()).toString()).toBe('abcdefg')
      offer.report({ ok: true })
      expect((await client.answer()).status).toBe(204)
    }
  })

  test('may be empty', async () => {
    const { put, offered } = await start()
    const client = put('Connection: close\n')
    const offer = await offered()
    offer.take()
    expect(await offer.read()).toHaveLength(0)
    offer.report({ ok: true })
    expect((await client.answer()).status).toBe(204)
  })

  test('a client that waits is told to go on only when a worker is there', async () => {
    const { put, offered } = await start()
    const client = put('Content-Length: 2\nExpect: 100-continue\nConnection: close\n')
    const offer = await offered()
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(client.socket.bytesRead).toBe(0)
    offer.take()
    await client.until(/100 Continue/)
    client.socket.write('hi')
    await offer.read()
    offer.report({ ok: true })
    expect((await client.answer()).status).toBe(204)
  })
})

describe('refused before anybody is asked', () => {
  test.each([
    ['Content-Type: application/json\nContent-Length: 3\n', {}, 415],
    ['X-OpenStack-Image-Size: ten\nContent-Length: 3\n', {}, 400],
    ['X-OpenStack-Image-Size: -1\nContent-Length: 3\n', {}, 400],
    ['X-Image-Meta-Store: nowhere\nContent-Length: 3\n', {}, 400],
    ['X-OpenStack-Image-Size: 101\nContent-Length: 3\n', { imageSizeCap: 100 }, 413],
    ['Content-Length: 101\n', { imageSizeCap: 100 }, 413],
  ])('%j: %#', async (headers, config, status) => {
    const { port, calls, offers } = await start({ config })
    const type = headers.startsWith('Content-Type') ? '' : 'Content-Type: application/octet-stream\n'
    const head = `PUT /v2/images/${IMAGE_ID}/file HTTP/1.1\nHost: h\nX-Auth-Token: t\n${type}${headers}Connection: close\n\n`
    const client = openRaw(port, head)
    client.socket.write('abc')
    expect((await client.answer()).status).toBe(status)
    expect([calls, offers]).toEqual([[], []])
  })

  test.each([
    ['Content-Length: 50000000\n', (at: number) => (at < 50 ? 'x'.repeat(1_000_000) : '')],
    [
      'Transfer-Encoding: chunked\n',
      (at: number) => (at < 50 ? `f4240\r\n${'x'.repeat(1_000_000)}\r\n` : at === 50 ? '0\r\n\r\n' : ''),
    ],
  ])('a client that sends on regardless reads its answer all the same (%j)', async (framing, piece) => {
    const { port } = await start()
    const client = openRaw(port, `PUT /v2/images/${IMAGE_ID}/file HTTP/1.1\nHost: h\nX-Auth-Token: t\n${framing}\n`)
    await client.until(/415 Unsupported/)
    for (let at = 0; piece(at) !== ''; at++) {
      if (!client.socket.write(piece(at))) await new Promise((resolve) => client.socket.once('drain', resolve))
    }
    const answer = await client.answer()
    expect([answer.status, answer.headers.connection, answer.isReset]).toEqual([415, 'close', false])
    expect(client.socket.bytesWritten).toBeGreaterThan(50_000_000)
  })

  test('a client that waits is refused without a byte sent', async () => {
    const { port } = await start()
    const head = `PUT /v2/images/${IMAGE_ID}/file HTTP/1.1\nHost: h\nX-Auth-Token: t\nContent-Length: 3\nExpect: 100-continue\n\n`
    const answer = await openRaw(port, head).answer()
    expect([answer.status, answer.text.includes('100 Continue')]).toEqual([415, false])
  })
})

test('in single-store mode a store header is ignored', async () => {
  const { put, offered, calls } = await start({ config: { multistore: false } })
  const client = put('Content-Length: 1\nX-Image-Meta-Store: nowhere\nConnection: close\n')
  client.socket.write('x')
  const offer = await offered()
  offer.take()
  await offer.read()
  offer.report({ ok: true })
  expect((await client.answer()).status).toBe(204)
  expect(calls[0]?.input).not.toHaveProperty('store')
})

test('what the registry refuses ends the offer', async () => {
  const refuse = () => {
    throw new GlanceError('Conflict', 'the image is active')
  }
  const { put, offered, failures } = await start({ registry: { beginTransfer: refuse } })
  const client = put('Content-Length: 3\nConnection: close\n')
  client.socket.write('abc')
  expect((await client.answer()).status).toBe(409)
  expect((await offered()).isWithdrawn()).toBe(true)
  expect(failures()).toEqual([])
})

test('what the worker refuses midway is answered at once, and the answer arrives', async () => {
  const { put, offered, failures } = await start()
  const client = put('Content-Length: 30000000\n')
  client.socket.write('x'.repeat(1_000_000))
  const offer = await offered()
  offer.take()
  offer.report({ ok: false, error: encodeError(new GlanceError('FormatRefused', 'this is a QCOW2')) })
  await client.until(/this is a QCOW2/)
  for (let at = 1; at < 30; at++) client.socket.write('x'.repeat(1_000_000))
  const answer = await client.answer()
  expect([answer.status, answer.isReset]).toEqual([415, false])
  expect(failures()).toEqual([])
})

describe('a worker that is not there', () => {
  test('in time: 503, and the transfer is ended', async () => {
    const { put, offered, failures } = await start({ config: { uploadWait: 0.1 } })
    const client = put('Content-Length: 3\nConnection: close\n')
    client.socket.write('abc')
    const answer = await client.answer()
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '5'])
    expect((await offered()).isWithdrawn()).toBe(true)
    expect(failures()).toEqual([{ transferId: 'transfer-1', reason: 'no worker took the upload in time' }])
  })

  test.each([
    ['failed', 503],
    ['completed', 204],
    ['gone', 410],
  ])('any more, with the transfer %s: %i', async (outcome, status) => {
    const { put, offered, failures } = await start({ registry: { failTransfer: () => ({ outcome }) } })
    const client = put('Content-Length: 3\nConnection: close\n')
    client.socket.write('abc')
    const offer = await offered()
    offer.take()
    await offer.read()
    offer.break()
    expect((await client.answer()).status).toBe(status)
    expect(failures()).toHaveLength(1)
  })
})

describe('a client that breaks off', () => {
  test('while it sends: the worker’s stream breaks and the transfer is ended', async () => {
    const { put, offered, failures } = await start()
    const client = put('Content-Length: 300\n')
    client.socket.write('abc')
    const offer = await offered()
    offer.take()
    const reading = offer.read().catch((thrown: Error) => thrown)
    await new Promise((resolve) => setTimeout(resolve, 50))
    client.socket.destroy()
    expect(await reading).toBeInstanceOf(Error)
    await vi.waitFor(() => expect(offer.upload.signal.aborted).toBe(true))
    offer.break()
    await vi.waitFor(() => expect(failures()).toHaveLength(1))
  })

  test('before a worker is there: the transfer is ended', async () => {
    const { put, offered, failures } = await start()
    const client = put('Content-Length: 300\n')
    const offer = await offered()
    await new Promise((resolve) => setTimeout(resolve, 50))
    client.socket.destroy()
    await vi.waitFor(() => expect(failures()).toEqual([{ transferId: 'transfer-1', reason: 'the client broke off' }]))
    expect(offer.isWithdrawn()).toBe(true)
  })

  test('after its last byte: the upload is finished all the same', async () => {
    const { put, offered, failures } = await start()
    const client = put('Content-Length: 3\n')
    client.socket.write('abc')
    const offer = await offered()
    offer.take()
    await offer.read()
    client.socket.destroy()
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(offer.upload.signal.aborted).toBe(false)
    offer.report({ ok: true })
    await vi.waitFor(() => expect(offer.isWithdrawn()).toBe(true))
    expect(failures()).toEqual([])
  })

  test('by falling silent: it is told so', async () => {
    const { put, offered, failures } = await start({ config: { uploadIdle: 0.05 } })
    const client = put('Content-Length: 300\n')
    client.socket.write('abc')
    const offer = await offered()
    offer.take()
    offer.read().catch(() => undefined)
    await vi.waitFor(() => expect(offer.upload.signal.aborted).toBe(true))
    offer.break()
    await client.until(/No byte of the image came/)
    expect(failures()).toHaveLength(1)
    client.socket.destroy()
  })
})
