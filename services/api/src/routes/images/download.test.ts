import { Readable } from 'node:stream'
import { GlanceError } from '@glance/shared/errors/error'
import type { FastifyInstance } from 'fastify'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { buildApi } from '../../app.ts'
import type { DownloadDesk } from '../../bytes/desk.ts'
import { fakeDownloads } from '../../testing/fake-desk.ts'
import { fakeLog, fakeParts, fakeRegistry, IMAGE_ID, type LogLine } from '../../testing/fake-parts.ts'
import { listen, openRaw } from '../../testing/raw-client.ts'

let app: FastifyInstance | undefined
afterEach(() => app?.close())

const TEXT = '0123456789'
const PLACES = [
  { store: 'fast', url: 'file:///a' },
  { store: 'cheap', url: 's3://a' },
]
interface Found {
  size: number | null
  checksum: string | null
  places: typeof PLACES
}

/** An api that finds `found`, and a client's GET of the data. */
async function start(
  found: Partial<Found> = {},
  over: { desk?: DownloadDesk; multistore?: boolean; lines?: LogLine[] } = {},
) {
  const { desk, wishes, opened } = fakeDownloads(TEXT)
  const answer: Found = { size: 10, checksum: 'c0ffee', places: PLACES, ...found }
  const registry = fakeRegistry({ openDownload: () => answer })
  const config = { multistore: over.multistore ?? true }
  app = buildApi(fakeParts({ registry, downloads: over.desk ?? desk, config, log: fakeLog(over.lines ?? []) }))
  const port = await listen(app)
  const get = (headers = '', query = '') =>
    openRaw(
      port,
      `GET /v2/images/${IMAGE_ID}/file${query} HTTP/1.1\nHost: h\nX-Auth-Token: t\nConnection: close\n${headers}\n`,
    ).answer()
  return { get, wishes, opened, port }
}

test('the whole image, with its checksum in hexadecimal', async () => {
  const { get, wishes, opened } = await start()
  const answer = await get()
  expect([answer.status, answer.body]).toEqual([200, TEXT])
  expect(answer.headers).toMatchObject({
    'content-type': 'application/octet-stream',
    'content-length': '10',
    'content-md5': 'c0ffee',
    'x-openstack-request-id': expect.stringMatching(/^req-/),
  })
  for (const absent of ['content-range', 'etag', 'accept-ranges', 'last-modified']) {
    expect(answer.headers).not.toHaveProperty(absent)
  }
  expect(wishes[0]).toMatchObject({ imageId: IMAGE_ID, places: PLACES, context: { projectId: 'p1' } })
  expect(opened[0]?.destroyed).toBe(true)
})

test('without a checksum there is no Content-MD5', async () => {
  const { get } = await start({ checksum: null })
  expect((await get()).headers).not.toHaveProperty('content-md5')
})

describe('parts', () => {
  test.each([
    ['Range: bytes=2-4\n', '234', 'bytes 2-4/10'],
    ['Range: bytes=7-\n', '789', 'bytes 7-9/10'],
    ['Range: bytes=-2\n', '89', 'bytes 8-9/10'],
    ['Range: bytes=-99\n', TEXT, 'bytes 0-9/10'],
    ['Range: bytes=5-99\n', '56789', 'bytes 5-9/10'],
    ['Content-Range: bytes 2-4/*\n', '234', 'bytes 2-4/10'],
  ])('%j', async (header, body, range) => {
    const answer = await (await start()).get(header)
    expect([answer.status, answer.body, answer.headers['content-range']]).toEqual([206, body, range])
    expect(answer.headers).toMatchObject({ 'content-length': String(body.length), 'content-md5': 'c0ffee' })
  })

  test.each([
    ['Range: bytes=10-\n', 416],
    ['Range: bytes=4-2\n', 416],
    ['Range: nonsense\n', 416],
    ['Content-Range: bytes 2-10/*\n', 416],
    ['Range: bytes=0-1,3-4\n', 400],
    ['Range: \n', 200],
  ])('%j: %i', async (header, status) => {
    const answer = await (await start()).get(header)
    expect(answer.status).toBe(status)
    if (status === 416) expect(answer.headers['content-range']).toBe('bytes */10')
  })

  test('of an image whose size nobody knows: the whole', async () => {
    const answer = await (await start({ size: null })).get('Range: bytes=2-4\n')
    expect([answer.status, answer.body]).toEqual([200, TEXT])
  })
})

describe('204 without a body', () => {
  test.each([
    [{ places: [], size: null }, ''],
    [{ places: [], size: null }, 'Range: bytes=0-1\n'],
    [{ places: [], size: 10 }, 'Range: bytes=99-\n'],
    [{ size: 0 }, 'Range: bytes=0-1\n'],
  ])('%j %j', async (found, header) => {
    const answer = await (await start(found)).get(header)
    expect([answer.status, answer.body]).toEqual([204, ''])
  })

  test('no place has the object any more', async () => {
    const openFirst = async () => {
      throw new GlanceError('StoreObjectNotFound')
    }
    expect((await (await start({}, { desk: { openFirst } })).get()).status).toBe(204)
  })
})

test.each([
  ['StoreUnavailable', 503],
  ['BadRequest', 400],
] as const)('%s at every place: %i', async (code, status) => {
  const openFirst = async () => {
    throw new GlanceError(code)
  }
  const answer = await (await start({}, { desk: { openFirst } })).get()
  expect(answer.status).toBe(status)
  expect(answer.headers).not.toHaveProperty('content-md5')
})

describe('prefer', () => {
  test('puts the places of a store first', async () => {
    const { get, wishes } = await start()
    expect((await get('', '?prefer=cheap')).status).toBe(200)
    expect(wishes[0]?.places.map(({ store }) => store)).toEqual(['cheap', 'fast'])
  })

  test('is refused for unknown stores and without several', async () => {
    expect((await (await start()).get('', '?prefer=nowhere')).status).toBe(400)
    expect((await (await start({}, { multistore: false })).get('', '?prefer=fast')).status).toBe(400)
  })
})

test('a client that leaves frees the read, and the log tells how far it came', async () => {
  const lines: LogLine[] = []
  const endless = new Readable({ read: (size) => void endless.push(Buffer.alloc(size)) })
  const openFirst = async () => ({ bytes: endless, length: 2 ** 40, resume: async () => undefined })
  const { port } = await start({ size: 2 ** 40 }, { desk: { openFirst }, lines })
  const client = openRaw(port, `GET /v2/images/${IMAGE_ID}/file HTTP/1.1\nHost: h\nX-Auth-Token: t\n\n`)
  await client.until(/200 OK/)
  client.socket.destroy()
  await vi.waitFor(() => expect(endless.destroyed).toBe(true))
  await vi.waitFor(() => expect(lines).toHaveLength(1))
  expect(lines[0]?.fields).toMatchObject({ operation: 'images.download', aborted: true })
})

test('a place that breaks midway, with none to follow, ends the connection and is logged', async () => {
  const lines: LogLine[] = []
  const openFirst = async () => ({
    bytes: Readable.from(
      (async function* () {
        yield Buffer.from('abc')
        throw new GlanceError('StoreUnavailable', 'the disk is gone')
      })(),
    ),
    length: 10,
    resume: async () => undefined,
  })
  const answer = await (await start({}, { desk: { openFirst }, lines })).get()
  expect([answer.status, answer.body]).toEqual([200, 'abc'])
  await vi.waitFor(() => expect(lines).toHaveLength(2))
  const warning = lines.find(({ level }) => level === 'warn')
  expect(warning?.fields).toMatchObject({ request_id: expect.stringMatching(/^req-/), reason: 'the disk is gone' })
  expect(lines.find(({ level }) => level === 'info')?.fields).toMatchObject({ bytes: 3, aborted: true })
})
