import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { silentLog } from '@glance/shared/log/silent'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openUploads, type Uploads } from './uploads.ts'
import { createUploadsServer } from './uploads-server.ts'

let uploads: Uploads
let server: ReturnType<typeof createUploadsServer>
let address = ''

beforeEach(async () => {
  uploads = openUploads(() => address)
  server = createUploadsServer(uploads, silentLog)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
})

async function pull(ticket: string) {
  const asked = request(`${address}/uploads`, { method: 'POST', headers: { 'x-glance-ticket': ticket } })
  asked.on('error', () => undefined)
  asked.flushHeaders()
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  answer.on('error', () => undefined)
  return { asked, answer }
}
const offerOf = (body: Readable, size?: number, signal = new AbortController().signal) =>
  uploads.offer({ body, signal, ...(size === undefined ? {} : { size }) })

describe('the listener that workers pull uploads from', () => {
  it('hands the bytes over and brings the outcome back on the same connection', async () => {
    const bytes = Buffer.alloc(5_000_000, 'image')
    for (const size of [bytes.length, undefined]) {
      const offer = offerOf(Readable.from([bytes.subarray(0, 1_000_000), bytes.subarray(1_000_000)]), size)
      const { asked, answer } = await pull(offer.source.ticket)
      await offer.taken
      expect(answer.headers['content-length']).toBe(size === undefined ? undefined : String(size))
      expect((await buffer(answer)).equals(bytes)).toBe(true)
      asked.end(JSON.stringify({ ok: true }))
      expect(await offer.outcome).toEqual({ ok: true })
    }
  })

  it('takes a refusal while bytes are still on their way, and leaves the client its connection', async () => {
    const body = new PassThrough()
    const offer = offerOf(body)
    const { asked } = await pull(offer.source.ticket)
    body.write(Buffer.alloc(300_000))
    asked.end(JSON.stringify({ ok: false, error: { code: 'FormatRefused', message: 'no qcow2' } }))
    expect(await offer.outcome).toEqual({ ok: false, error: { code: 'FormatRefused', message: 'no qcow2' } })
    expect(body.destroyed).toBe(false)
  })

  it('lets a ticket be used once, and not at all after it was withdrawn', async () => {
    const offer = offerOf(new PassThrough())
    const first = await pull(offer.source.ticket)
    expect(first.answer.statusCode).toBe(200)
    expect((await pull(offer.source.ticket)).answer.statusCode).toBe(401)
    const other = offerOf(new PassThrough())
    other.withdraw()
    expect((await pull(other.source.ticket)).answer.statusCode).toBe(401)
    expect((await pull('guess')).answer.statusCode).toBe(401)
    first.asked.destroy()
  })

  it('tells that the worker went away without a word', async () => {
    const body = new PassThrough()
    const offer = offerOf(body)
    const { asked } = await pull(offer.source.ticket)
    body.write('some')
    asked.destroy()
    await expect(offer.outcome).rejects.toMatchObject({ code: 'StoreUnavailable' })
  })

  it('breaks the worker’s stream when the client breaks off, so that a part never passes for the whole', async () => {
    const client = new AbortController()
    const body = new PassThrough()
    const offer = offerOf(body, undefined, client.signal)
    const { answer } = await pull(offer.source.ticket)
    body.write('part')
    client.abort()
    await expect(buffer(answer)).rejects.toThrow()
    const failing = new PassThrough()
    const second = offerOf(failing, 100)
    const { answer: part } = await pull(second.source.ticket)
    failing.destroy(new Error('client reset'))
    await expect(buffer(part)).rejects.toThrow()
  })
})
