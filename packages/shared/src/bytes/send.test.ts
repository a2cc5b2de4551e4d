import { readdirSync, truncateSync } from 'node:fs'
import { Agent, get, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { OpenDownload } from '../contracts/bytes.ts'
import { GlanceError } from '../errors/error.ts'
import { openKernel } from './kernel.ts'
import { LendingReadable, type Taker } from './lending.ts'
import { openOutlet } from './outlet.ts'
import { type Sent, sendDownload } from './send.ts'
import { sendByKernel } from './send-kernel.ts'
import { type ByteServer, makeRandomFile, openByteServer, type RandomFile, sha256 } from './testing/byte-server.ts'

const MIB = 1024 * 1024
const SIZE = 24 * MIB + 17
const openDescriptors = () => readdirSync('/proc/self/fd').length

let file: RandomFile
let server: ByteServer
let results: (Sent | Error)[]
let handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>

beforeEach(async () => {
  file = makeRandomFile(SIZE)
  server = await openByteServer((req, res) => void handle(req, res))
})
afterEach(async () => {
  await server.close()
  file.remove()
})

/** Answers every request with what `open` gives. */
function serve(open: () => OpenDownload, signal?: AbortSignal): void {
  const mine: typeof results = []
  results = mine
  handle = async (_, response) => {
    const download = open()
    response.setHeader('content-length', download.length)
    try {
      const result = await sendDownload(response, download, signal ?? new AbortController().signal)
      mine.push(result)
      if (result.broken === undefined) response.end()
      else response.destroy()
    } catch (thrown) {
      mine.push(thrown as Error)
      response.destroy()
    }
  }
}

async function fetchAll(agent?: Agent, method = 'GET'): Promise<Buffer> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(server.url, { method, ...(agent && { agent }) }, resolve)
      .on('error', reject)
      .end()
  })
  return Buffer.concat(await response.toArray())
}

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 500 && !condition(); turn++) await new Promise((resolve) => setTimeout(resolve, 10))
  expect(condition()).toBe(true)
}

/** Yields its parts; lends them too, in one buffer that is overwritten as soon as it is taken. */
class Parts extends LendingReadable {
  lent = false
  readonly #parts: Buffer[]
  constructor(parts: Buffer[]) {
    super()
    this.#parts = [...parts]
  }
  override _read(): void {
    this.push(this.#parts.shift() ?? null)
  }
  async lend(take: Taker): Promise<void> {
    this.lent = true
    for (const part of this.#parts) {
      const reused = Buffer.from(part)
      await take(reused)
      reused.fill(0)
    }
  }
}

describe('sending a download', () => {
  it.runIf(process.platform === 'linux')('finds the kernel calls on Linux', () => {
    expect(openKernel()).toBeDefined()
  })

  it.each([0, 1, 64 * 1024 - 1, 64 * 1024, 64 * 1024 + 1, 3 * MIB, SIZE])(
    'sends %i bytes of a file',
    async (length) => {
      serve(() => file.open({ start: SIZE - length, length }))
      expect(sha256(await fetchAll())).toBe(sha256(file.content.subarray(SIZE - length)))
      await until(() => results.length === 1)
      expect(results).toEqual([{ sent: length }])
    },
  )

  it('sends a stream and a lent stream whole', async () => {
    const parts = [file.content.subarray(0, 5), file.content.subarray(5, 20 * MIB), file.content.subarray(20 * MIB)]
    const lending = new Parts(parts)
    const streams = [Readable.from(parts), lending]
    serve(() => ({ bytes: streams.shift() ?? Readable.from([]), length: SIZE }))
    for (let turn = 0; turn < 2; turn++) expect(sha256(await fetchAll())).toBe(sha256(file.content))
    expect(lending.lent).toBe(true)
    await until(() => results.length === 2)
    expect(results).toEqual([{ sent: SIZE }, { sent: SIZE }])
  })

  it('leaves the connection usable, and no descriptor open', async () => {
    serve(() => file.open())
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    await fetchAll(agent)
    const before = openDescriptors()
    const ports = new Set<unknown>()
    for (let turn = 0; turn < 4; turn++) {
      const answer = await new Promise<IncomingMessage>((resolve) => get(server.url, { agent }, resolve))
      ports.add(answer.socket.localPort)
      expect(sha256(Buffer.concat(await answer.toArray()))).toBe(sha256(file.content))
    }
    expect(ports.size).toBe(1)
    await until(() => openDescriptors() <= before)
    agent.destroy()
  })

  it('keeps pipelined answers in order', async () => {
    let turn = 0
    serve(() => file.open({ start: 100 * turn++, length: 2 * MIB }))
    const socket = connect(server.port, '127.0.0.1')
    socket.write('GET /a HTTP/1.1\r\nhost: x\r\n\r\nGET /b HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
    const all = Buffer.concat(await socket.toArray())
    const bodies: Buffer[] = []
    for (let at = 0; at < all.length; ) {
      const body = all.indexOf('\r\n\r\n', at) + 4
      bodies.push(all.subarray(body, body + 2 * MIB))
      at = body + 2 * MIB
    }
    expect(bodies.map(sha256)).toEqual([0, 100].map((from) => sha256(file.content.subarray(from, from + 2 * MIB))))
  })

  it('sends no content to HEAD', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    serve(() => file.open())
    expect(await fetchAll(agent, 'HEAD')).toHaveLength(0)
    expect(sha256(await fetchAll(agent))).toBe(sha256(file.content))
    agent.destroy()
  })

  it('notices a client that leaves, and one that never reads', async () => {
    serve(() => file.open())
    const before = openDescriptors()
    const stalled = connect(server.port, '127.0.0.1')
    stalled.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    await new Promise((resolve) => stalled.once('readable', resolve))
    expect(results).toEqual([])
    stalled.destroy()
    await until(() => results.length === 1)
    expect(results[0]).toMatchObject({ code: 'ClientGone' })
    await until(() => openDescriptors() <= before)
  })

  it('serves others while many clients read nothing', async () => {
    serve(() => file.open())
    const stalled = Array.from({ length: 20 }, () => {
      const socket = connect(server.port, '127.0.0.1')
      socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
      return socket
    })
    await Promise.all(stalled.map((socket) => new Promise((resolve) => socket.once('readable', resolve))))
    expect(sha256(await fetchAll())).toBe(sha256(file.content))
    for (const socket of stalled) socket.destroy()
    await until(() => results.length === 21)
  })

  it('sends all to a client that reads slowly', async () => {
    serve(() => file.open())
    const answer = await new Promise<IncomingMessage>((resolve) => get(server.url, resolve))
    const parts: Buffer[] = []
    for await (const part of answer) {
      parts.push(part)
      if (parts.length % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    }
    expect(sha256(Buffer.concat(parts))).toBe(sha256(file.content))
  })

  it('stops when told to, with the reason given', async () => {
    const controller = new AbortController()
    serve(() => file.open(), controller.signal)
    const stalled = connect(server.port, '127.0.0.1')
    stalled.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    await new Promise((resolve) => stalled.once('readable', resolve))
    controller.abort(new GlanceError('Unavailable', 'stopping'))
    await until(() => results.length === 1)
    expect(results[0]).toMatchObject({ code: 'Unavailable', message: 'stopping' })
    stalled.destroy()
  })

  it('tells how much went when a file or stream ends early, so that another place goes on', async () => {
    handle = async (_, response) => {
      response.setHeader('content-length', SIZE)
      truncateSync(file.path, 10 * MIB)
      const { signal } = new AbortController()
      const first = await sendDownload(response, file.open({ start: 0, length: SIZE }), signal)
      const rest = Readable.from([file.content.subarray(first.sent, first.sent + 5)])
      const second = await sendDownload(response, { bytes: rest, length: SIZE - first.sent }, signal)
      const last = Readable.from([file.content.subarray(first.sent + second.sent)])
      const third = await sendDownload(response, { bytes: last, length: SIZE - first.sent - second.sent }, signal)
      results = [first, second, third]
      response.end()
    }
    expect(sha256(await fetchAll())).toBe(sha256(file.content))
    await until(() => results.length === 3)
    expect(results).toMatchObject([
      { sent: 10 * MIB, broken: { code: 'StoreUnavailable' } },
      { sent: 5, broken: { code: 'StoreUnavailable' } },
      { sent: SIZE - 10 * MIB - 5 },
    ])
  })

  it('never sends more than announced', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    serve(() => ({ bytes: Readable.from([file.content]), length: 1000 }))
    expect(await fetchAll(agent)).toEqual(file.content.subarray(0, 1000))
    expect(await fetchAll(agent)).toEqual(file.content.subarray(0, 1000))
    agent.destroy()
  })

  it('goes on without the kernel where it refuses a file', async () => {
    let refusals = 0
    handle = async (_, response) => {
      response.setHeader('content-length', SIZE)
      const outlet = openOutlet(response, new AbortController().signal)
      const dup = openKernel()?.dup ?? (() => -1)
      const sendfile = async () => {
        refusals += 1
        return { sent: 0, error: 'other' } as const
      }
      const download = file.open()
      await sendByKernel({ dup, sendfile, trim: () => undefined }, outlet, {
        file: { fd: download.file?.fd ?? -1, start: 0 },
        length: SIZE,
      })
      download.bytes.destroy()
      outlet.close()
      response.end()
    }
    expect(sha256(await fetchAll())).toBe(sha256(file.content))
    expect(refusals).toBe(1)
  })
})
