import { randomBytes } from 'node:crypto'
import { encodeError, GlanceError } from '@glance/shared/errors/error'
import { afterEach, describe, expect, it } from 'vitest'
import { until } from '../testing/wait.ts'
import { openUploadSource } from './body.ts'
import { openUploadServer, type UploadServer } from './testing/upload-server.ts'

const { signal } = new AbortController()
const source = openUploadSource({ answerMs: 300 })
let server: UploadServer
afterEach(() => server.close())

describe('an upload pulled from the api', () => {
  it.each([undefined, 300_000])(
    'carries the image one way and the outcome the other (length said: %s)',
    async (size) => {
      server = await openUploadServer(size === undefined ? {} : { size })
      const upload = await source.open(server.at, signal)
      const content = randomBytes(300_000)
      const response = await server.taken
      response.end(content)
      expect(Buffer.concat(await upload.bytes.toArray()).equals(content)).toBe(true)
      expect(upload.signal.aborted).toBe(false)
      await upload.report({ ok: true })
      await upload.report({ ok: false, error: encodeError(new GlanceError('Internal')) })
      expect(await server.outcome).toEqual({ ok: true })
      expect(upload.signal.aborted).toBe(false)
    },
  )

  it('reports a failure while the image is still coming', async () => {
    server = await openUploadServer()
    const upload = await source.open(server.at, signal)
    const response = await server.taken
    const pump = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(64 * 1024)));
      if (!response.destroyed) response.once('drain', pump)
    }
    pump()
    await new Promise((resolve) => upload.bytes.once('readable', resolve))
    const error = encodeError(new GlanceError('TooLarge'))
    await upload.report({ ok: false, error })
    expect(await server.outcome).toEqual({ ok: false, error })
    await until(() => response.destroyed)
  })

  it('tells when the api goes away, though nobody reads at the moment', async () => {
    server = await openUploadServer()
    const upload = await source.open(server.at, signal)
    await server.taken
    server.kill()
    await until(() => upload.signal.aborted)
    expect(upload.signal.reason).toMatchObject({ code: 'ClientGone' })
    await expect(upload.bytes.toArray()).rejects.toThrow()
    await upload.report({ ok: true })
  })

  it('tells when the api goes away after the last byte', async () => {
    server = await openUploadServer()
    const upload = await source.open(server.at, signal)
    const response = await server.taken
    response.end('all')
    await upload.bytes.toArray()
    server.kill()
    await until(() => upload.signal.aborted)
    await expect(server.outcome).rejects.toThrow()
  })

  it('is taken once, with its ticket', async () => {
    server = await openUploadServer()
    await expect(source.open({ ...server.at, ticket: 'guess' }, signal)).rejects.toMatchObject({
      code: 'TicketRefused',
    })
    await expect(source.open(server.at, signal)).rejects.toMatchObject({ code: 'TicketRefused' })
  })

  it('names an api that fails or is away', async () => {
    server = await openUploadServer({ refusal: 500 })
    await expect(source.open(server.at, signal)).rejects.toMatchObject({ code: 'StoreUnavailable' })
    await server.close()
    await expect(source.open(server.at, signal)).rejects.toMatchObject({ code: 'StoreUnavailable' })
    server = await openUploadServer()
  })

  it('ends with the reason of its signal', async () => {
    server = await openUploadServer()
    const controller = new AbortController()
    const opening = source.open(server.at, controller.signal)
    controller.abort(new GlanceError('LeaseLost'))
    await expect(opening).rejects.toMatchObject({ code: 'LeaseLost' })
    await expect(source.open(server.at, controller.signal)).rejects.toMatchObject({ code: 'LeaseLost' })
  })
})
