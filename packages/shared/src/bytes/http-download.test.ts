import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:net'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TICKET_HEADER } from '../contracts/bytes.ts'
import { encodeError, GlanceError } from '../errors/error.ts'
import { openHttpDownloads } from './http-download.ts'
import { LendingReadable } from './lending.ts'
import { sendDownload } from './send.ts'
import { type ByteServer, makeRandomFile, openByteServer, type RandomFile, sha256 } from './testing/byte-server.ts'

const SIZE = 5 * 1024 * 1024 + 3
const { signal } = new AbortController()
const downloads = openHttpDownloads({ answerMs: 300 })

let file: RandomFile
let server: ByteServer
let handle: (request: IncomingMessage, response: ServerResponse) => void
const at = (ticket = 't') => ({ address: server.url, ticket })

beforeEach(async () => {
  file = makeRandomFile(SIZE)
  server = await openByteServer((req, res) => handle(req, res))
  handle = async (request, response) => {
    const range = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '')
    const start = Number(range?.[1] ?? 0)
    const length = range === null ? SIZE : Number(range[2]) - start + 1
    response.writeHead(range === null ? 200 : 206, { 'content-length': length, seen: request.headers[TICKET_HEADER] })
    await sendDownload(response, file.open({ start, length }), signal).then(
      () => response.end(),
      () => response.destroy(),
    )
  }
})
afterEach(async () => {
  await server.close()
  file.remove()
})

describe('a download over HTTP', () => {
  it('reads all, as an ordinary stream and lent', async () => {
    const first = await downloads.open(at(), { signal })
    expect(first.length).toBe(SIZE)
    expect(sha256(Buffer.concat(await first.bytes.toArray()))).toBe(sha256(file.content))
    const { bytes } = await downloads.open(at(), { signal })
    const parts: Buffer[] = []
    expect(bytes).toBeInstanceOf(LendingReadable)
    await (bytes as LendingReadable).lend(async (part) => {
      await new Promise((resolve) => setImmediate(resolve))
      parts.push(Buffer.from(part))
    })
    bytes.destroy()
    expect(sha256(Buffer.concat(parts))).toBe(sha256(file.content))
  })

  it('reads a part and nothing', async () => {
    const part = await downloads.open(at(), { signal, range: { first: 10, last: 1_000_009 } })
    expect(sha256(Buffer.concat(await part.bytes.toArray()))).toBe(sha256(file.content.subarray(10, 1_000_010)))
    handle = (_, response) => void response.writeHead(200, { 'content-length': 0 }).end()
    const nothing = await downloads.open(at(), { signal })
    expect(await nothing.bytes.toArray()).toEqual([])
  })

  it('relays to another client through a second process hop', async () => {
    const relay = await openByteServer(async (_, response) => {
      const download = await downloads.open(at(), { signal })
      response.setHeader('content-length', download.length)
      await sendDownload(response, download, signal)
      response.end()
    })
    const { bytes } = await downloads.open({ address: relay.url, ticket: 'x' }, { signal })
    expect(sha256(Buffer.concat(await bytes.toArray()))).toBe(sha256(file.content))
    await relay.close()
  })

  it.each([
    [
      'an error the worker tells',
      404,
      JSON.stringify(encodeError(new GlanceError('StoreObjectNotFound'))),
      'StoreObjectNotFound',
    ],
    ['a refused ticket', 401, 'no', 'TicketRefused'],
    ['a failing worker', 500, 'oops', 'StoreUnavailable'],
    ['a whole object where a part was asked for', 200, 'all of it', 'StoreUnavailable'],
  ])('names %s', async (_, status, text, code) => {
    handle = (_request, response) => void response.writeHead(status, { 'content-length': text.length }).end(text)
    await expect(downloads.open(at(), { signal, range: { first: 0, last: 3 } })).rejects.toMatchObject({ code })
  })

  it('gives up on a worker that is away, silent, or no HTTP server', async () => {
    handle = () => undefined
    await expect(downloads.open(at(), { signal })).rejects.toMatchObject({ code: 'StoreUnavailable' })
    const babbler = createServer((socket) =>
      socket
        .on('error', () => undefined)
        .resume()
        .end('x'.repeat(100_000)),
    )
    await new Promise<void>((resolve) => babbler.listen(0, '127.0.0.1', resolve))
    const { port } = babbler.address() as { port: number }
    const there = { address: `http://127.0.0.1:${port}`, ticket: 't' }
    await expect(downloads.open(there, { signal })).rejects.toMatchObject({ code: 'StoreUnavailable' })
    await new Promise((resolve) => babbler.close(resolve))
    await expect(downloads.open(there, { signal })).rejects.toMatchObject({ code: 'StoreUnavailable' })
  })

  it('breaks when the worker breaks off midway', async () => {
    handle = (_, response) => {
      response.writeHead(200, { 'content-length': SIZE })
      Readable.from([file.content.subarray(0, 1_000_000)])
        .on('end', () => setTimeout(() => response.destroy(), 100))
        .pipe(response, { end: false })
    }
    for (const read of [
      (bytes: Readable) => bytes.toArray(),
      (bytes: Readable) => (bytes as LendingReadable).lend(async () => undefined),
    ]) {
      const { bytes } = await downloads.open(at(), { signal })
      await expect(read(bytes)).rejects.toMatchObject({ code: 'StoreUnavailable' })
    }
  })

  it('ends with the reason of its signal, before and after the head', async () => {
    const controller = new AbortController()
    const { bytes } = await downloads.open(at(), { signal: controller.signal })
    const reading = (bytes as LendingReadable).lend(() => new Promise((resolve) => setTimeout(resolve, 20)))
    controller.abort(new GlanceError('ClientGone'))
    await expect(reading).rejects.toMatchObject({ code: 'ClientGone' })
    await expect(downloads.open(at(), { signal: controller.signal })).rejects.toMatchObject({ code: 'ClientGone' })
  })

  it('refuses a ticket that would forge a header', async () => {
    await expect(downloads.open(at('a\r\nb: c'), { signal })).rejects.toMatchObject({ code: 'TicketRefused' })
  })
})
