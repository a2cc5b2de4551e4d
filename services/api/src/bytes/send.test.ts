import { createServer, get, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { GlanceError } from '@glance/shared/errors/error'
import { afterEach, expect, test } from 'vitest'
import type { ResumableDownload } from './desk.ts'
import { sendDownload } from './send.ts'

let server: Server | undefined
afterEach(() => server?.close())

/** Reads the answer to one request that `download` is sent to. */
async function fetchWhole(download: ResumableDownload) {
  const sent: number[] = []
  let failure: unknown
  server = createServer((_request, response) => {
    response.writeHead(200, { 'content-length': download.length })
    const answer = { response, signal: new AbortController().signal, onSent: (bytes: number) => void sent.push(bytes) }
    sendDownload(download, answer).catch((thrown: unknown) => {
      failure = thrown
      response.destroy()
    })
  })
  const { port } = await new Promise<AddressInfo>((resolve) => {
    server?.listen(0, '127.0.0.1', () => resolve(server?.address() as AddressInfo))
  })
  const text = await new Promise<string>((resolve) => {
    get({ port, host: '127.0.0.1' }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', () => undefined)
      response.on('close', () => resolve(Buffer.concat(chunks).toString()))
    })
  })
  return { text, sent, failure }
}

/** Yields some text, then breaks. */
function breaking(text: string): Readable {
  return Readable.from(
    (async function* () {
      yield Buffer.from(text)
      throw new GlanceError('StoreUnavailable', 'the disk is gone')
    })(),
  )
}

const nowhere = async () => undefined

test('a place that breaks is followed by the next, at the byte where it stopped', async () => {
  const resumedAt: number[] = []
  const rest: ResumableDownload = { bytes: Readable.from([Buffer.from('defgh')]), length: 5, resume: nowhere }
  const whole = await fetchWhole({
    bytes: breaking('abc'),
    length: 8,
    resume: async (sent) => {
      resumedAt.push(sent)
      return rest
    },
  })
  expect(whole).toEqual({ text: 'abcdefgh', sent: [3, 5], failure: undefined })
  expect(resumedAt).toEqual([3])
})

test('when no place is left the failure of the last one is told and the answer stays incomplete', async () => {
  const whole = await fetchWhole({ bytes: breaking('abc'), length: 8, resume: nowhere })
  expect(whole.failure).toMatchObject({ code: 'StoreUnavailable' })
  expect(whole.text.length).toBeLessThan(8)
})
