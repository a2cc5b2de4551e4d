import type { FastifyInstance } from 'fastify'
import { afterEach, describe, expect, test } from 'vitest'
import { buildApi } from './app.ts'
import { anImage, fakeLog, fakeParts, fakeRegistry, IMAGE_ID, type LogLine } from './testing/fake-parts.ts'
import { listen, openRaw } from './testing/raw-client.ts'

let app: FastifyInstance | undefined
afterEach(() => app?.close())

const SHOW = `/v2/images/${IMAGE_ID}`

async function start(parts: Parameters<typeof fakeParts>[0] = {}): Promise<number> {
  const registry = fakeRegistry({ getImage: () => anImage, createImage: () => anImage })
  app = buildApi(fakeParts({ registry, ...parts }))
  return listen(app)
}

describe('what the HTTP parser refuses', () => {
  test('a flood of headers is 431', async () => {
    const port = await start()
    const client = openRaw(port, `GET ${SHOW} HTTP/1.1\nHost: h\nX-A: ${'x'.repeat(200_000)}\n\n`)
    expect((await client.answer()).status).toBe(431)
  })

  test('a query string of a hundred thousand parameters is 431', async () => {
    const port = await start()
    const client = openRaw(port, `GET /v2/images?${'k=v&'.repeat(100_000)} HTTP/1.1\nHost: h\n\n`)
    expect((await client.answer()).status).toBe(431)
  })

  test.each([
    'nonsense\n\n',
    'GET / HTTP/9.9\n\n',
    `GET ${SHOW} HTTP/1.1\nHost: h\nContent-Length: x\n\n`,
    'GET / HTTP/1.1\n\n',
  ])('%j is 400', async (head) => {
    const port = await start()
    expect((await openRaw(port, head).answer()).status).toBe(400)
  })

  test('a method nobody knows is 405 with Allow where there is something, else 501', async () => {
    const port = await start()
    const on = async (path: string) => openRaw(port, `FOO ${path} HTTP/1.1\nHost: h\n\n`).answer()
    const known = await on(`${SHOW}?x=y`)
    expect([known.status, known.headers.allow]).toEqual([405, 'GET, PATCH, DELETE'])
    expect((await on('/v2/nowhere')).status).toBe(501)
  })

  test('what follows a broken request on the same connection is not answered', async () => {
    const port = await start()
    const client = openRaw(port, `nonsense\n\nGET ${SHOW} HTTP/1.1\nHost: h\nX-Auth-Token: t\n\n`)
    expect((await client.answer()).text.match(/HTTP\/1\.1/g)).toHaveLength(1)
  })
})

test('an expectation nobody can meet is 417', async () => {
  const port = await start()
  const client = openRaw(port, `GET ${SHOW} HTTP/1.1\nHost: h\nExpect: magic\nConnection: close\n\n`)
  expect((await client.answer()).status).toBe(417)
})

test('undecodable paths are 400 in the shape asked for', async () => {
  const port = await start()
  const head = `GET /v2/images/%ff HTTP/1.1\nHost: h\nAccept: application/json\nConnection: close\n\n`
  const answer = await openRaw(port, head).answer()
  expect([answer.status, JSON.parse(answer.body).code]).toEqual([400, '400 Bad Request'])
})

test('a client that waits to send its JSON is told to go on', async () => {
  const port = await start()
  const head = 'POST /v2/images HTTP/1.1\nHost: h\nX-Auth-Token: t\nContent-Length: 2\nExpect: 100-continue\n'
  const client = openRaw(port, `${head}Connection: close\n\n`)
  await client.until(/100 Continue/)
  client.socket.write('{}')
  expect((await client.answer()).status).toBe(201)
})

test('a JSON body beyond the limit is 413 as soon as that shows, and the answer arrives', async () => {
  const port = await start({ config: { jsonBodyLimit: 1000 } })
  const head = 'POST /v2/images HTTP/1.1\nHost: h\nX-Auth-Token: t\n'
  const announced = openRaw(port, `${head}Content-Length: 200000\n\n`)
  announced.socket.write('x'.repeat(200_000))
  const early = await announced.answer()
  expect([early.status, early.isReset]).toEqual([413, false])

  const chunked = openRaw(port, `${head}Transfer-Encoding: chunked\n\n`)
  for (let sent = 0; sent < 100; sent++) chunked.socket.write(`1000\r\n${'x'.repeat(4096)}\r\n`)
  chunked.socket.write('0\r\n\r\n')
  const late = await chunked.answer()
  expect([late.status, late.isReset]).toEqual([413, false])
})

test('connections stay open over refusals, small unread bodies included', async () => {
  const port = await start()
  const request = (line: string, rest = '') => `${line} HTTP/1.1\r\nHost: h\r\nX-Auth-Token: t\r\n${rest}\r\n`
  const client = openRaw(port, '')
  client.socket.write(request(`DELETE ${SHOW}`, 'Content-Length: 5\r\n'))
  client.socket.write('hello')
  client.socket.write(request('GET /v2/nowhere'))
  client.socket.write(request(`GET ${SHOW}`, 'Connection: close\r\n'))
  const { text } = await client.answer()
  expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 400', 'HTTP/1.1 404', 'HTTP/1.1 200'])
})

test('the log tells how many bytes went out, and who did not wait for them', async () => {
  const lines: LogLine[] = []
  let answer = (): void => undefined
  const registry = fakeRegistry({
    getImage: () => anImage,
    deleteImage: () => new Promise<object>((resolve) => (answer = () => resolve({}))),
  })
  const port = await start({ log: fakeLog(lines), registry })
  await openRaw(port, `GET ${SHOW} HTTP/1.1\nHost: h\nX-Auth-Token: t\nConnection: close\n\n`).answer()
  expect(Number(lines[0]?.fields.bytes)).toBeGreaterThan(300)
  expect(lines[0]?.fields).not.toHaveProperty('aborted')

  const impatient = openRaw(port, `DELETE ${SHOW} HTTP/1.1\nHost: h\nX-Auth-Token: t\n\n`)
  await new Promise((resolve) => setTimeout(resolve, 50))
  impatient.socket.destroy()
  await new Promise((resolve) => setTimeout(resolve, 50))
  answer()
  expect(lines[1]?.fields).toMatchObject({ operation: 'images.delete', bytes: 0, aborted: true })
})
