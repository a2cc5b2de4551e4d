import { createHash } from 'node:crypto'
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Digests } from './digest.ts'

export interface HttpRequest {
  readonly method: string
  /** Path and query. */
  readonly path: string
  readonly token?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON with that content type, unless the headers name another. */
  readonly json?: unknown
  /** Bytes of known length are sent with a Content-Length, a stream chunked unless the headers tell its length. */
  readonly body?: string | Uint8Array | Readable
  /** Longest wait for the answer's head and between two bytes; 60 s when absent. */
  readonly timeoutMs?: number
}

export interface HttpReply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

export interface DownloadReply extends Digests {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** False when the connection broke before the announced end. */
  readonly complete: boolean
}

/** An image as the API shows it. */
export type ImageBody = Readonly<Record<string, unknown>> & { readonly id: string; readonly status: string }

/**
 * Sends one request on a connection of its own. An answer that comes before the body is sent ends the sending.
 * @throws Error when the connection breaks before the answer is whole
 */
export async function send(url: string, options: HttpRequest): Promise<HttpReply> {
  const response = await open(url, options)
  const text = (await buffer(response)).toString('utf8')
  return { status: response.statusCode ?? 0, headers: response.headers, text }
}

/**
 * Downloads and hashes; nothing is kept.
 * @param onBytes called with the number of bytes after each chunk; the next one is read once its promise has settled
 */
export async function download(
  url: string,
  options: Omit<HttpRequest, 'method'>,
  onBytes?: (bytes: number) => Promise<void> | void,
): Promise<DownloadReply> {
  const response = await open(url, { method: 'GET', ...options })
  const md5 = createHash('md5')
  const sha512 = createHash('sha512')
  let bytes = 0
  let complete = true
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.byteLength
      md5.update(chunk)
      sha512.update(chunk)
      await onBytes?.(bytes)
    }
  } catch {
    complete = false
  }
  const { statusCode: status = 0, headers } = response
  return { status, headers, complete, bytes, md5: md5.digest('hex'), sha512: sha512.digest('hex') }
}

/** What tests say most often to the Images API, as one user. Each call that is refused throws with the answer. */
export class GlanceHttp {
  readonly url: string
  readonly token: string

  constructor(url: string, token: string) {
    this.url = url
    this.token = token
  }

  /** Any request as this user. */
  send(method: string, path: string, options: Omit<HttpRequest, 'method' | 'path' | 'token'> = {}): Promise<HttpReply> {
    return send(this.url, { method, path, token: this.token, ...options })
  }

  async create(fields: Readonly<Record<string, unknown>> = {}): Promise<ImageBody> {
    const json = { name: 'an image', disk_format: 'raw', container_format: 'bare', ...fields }
    return JSON.parse((await this.#expect(201, 'POST', '/v2/images', { json })).text)
  }

  async show(id: string): Promise<ImageBody> {
    return JSON.parse((await this.#expect(200, 'GET', `/v2/images/${id}`)).text)
  }

  /** Images of one page, the `next` link with them. */
  async list(query = ''): Promise<{ readonly images: readonly ImageBody[]; readonly next?: string }> {
    return JSON.parse((await this.#expect(200, 'GET', `/v2/images${query}`)).text)
  }

  async patch(id: string, operations: readonly object[]): Promise<HttpReply> {
    return this.send('PATCH', `/v2/images/${id}`, {
      json: operations,
      headers: { 'Content-Type': 'application/openstack-images-v2.1-json-patch' },
    })
  }

  /** PUT of the data, whatever the answer. */
  upload(id: string, body: string | Uint8Array | Readable, headers: Record<string, string> = {}): Promise<HttpReply> {
    return this.send('PUT', `/v2/images/${id}/file`, {
      body,
      headers: { 'Content-Type': 'application/octet-stream', ...headers },
    })
  }

  /** Creates an image, sends its data and returns it as it is then. */
  async createWithData(
    body: string | Uint8Array | Readable,
    fields: Readonly<Record<string, unknown>> = {},
  ): Promise<ImageBody> {
    const { id } = await this.create(fields)
    const reply = await this.upload(id, body)
    if (reply.status !== 204) throw new Error(`upload: ${reply.status} ${reply.text}`)
    return this.show(id)
  }

  download(
    id: string,
    headers: Record<string, string> = {},
    onBytes?: (bytes: number) => Promise<void> | void,
  ): Promise<DownloadReply> {
    return download(this.url, { path: `/v2/images/${id}/file`, token: this.token, headers }, onBytes)
  }

  async delete(id: string): Promise<void> {
    await this.#expect(204, 'DELETE', `/v2/images/${id}`)
  }

  /** Removes all of these images, protected or not, that are still there. For an administrator. */
  async deleteAll(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      const reply = await this.send('DELETE', `/v2/images/${id}`)
      if (reply.status !== 403) continue
      await this.patch(id, [{ op: 'replace', path: '/protected', value: false }])
      await this.delete(id)
    }
  }

  /** Waits until the image's status is one of these. */
  async untilStatus(id: string, wanted: readonly string[], timeoutMs: number): Promise<ImageBody> {
    const deadline = performance.now() + timeoutMs
    for (;;) {
      const image = await this.show(id).catch((error: Error) => error)
      if (!(image instanceof Error) && wanted.includes(image.status)) return image
      if (performance.now() > deadline) {
        const found = image instanceof Error ? image.message : image.status
        throw new Error(`image ${id} is not ${wanted.join(' or ')} after ${timeoutMs} ms but: ${found}`)
      }
      await sleep(100)
    }
  }

  async #expect(status: number, method: string, path: string, options = {}): Promise<HttpReply> {
    const reply = await this.send(method, path, options)
    if (reply.status !== status) throw new Error(`${method} ${path}: ${reply.status} ${reply.text}`)
    return reply
  }
}

function open(url: string, options: HttpRequest): Promise<IncomingMessage> {
  const { method, path, token, body: given, json, timeoutMs = 60_000 } = options
  const body = json === undefined ? given : JSON.stringify(json)
  const headers: Record<string, string> = {
    Accept: 'application/json',
    ...(token === undefined ? {} : { 'X-Auth-Token': token }),
    ...(json === undefined ? {} : { 'Content-Type': 'application/json' }),
    ...(typeof body === 'string' || body instanceof Uint8Array
      ? { 'Content-Length': String(Buffer.byteLength(body)) }
      : {}),
    ...options.headers,
  }
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: hostname, port, method, path, headers, agent: false, timeout: timeoutMs })
    outgoing.once('response', (response) => {
      if (body instanceof Readable) response.once('close', () => body.destroy())
      resolve(response)
    })
    // Once the answer is there, an error only tells that the server took no more of the body.
    outgoing.on('error', reject)
    outgoing.once('timeout', () => outgoing.destroy(new Error(`${method} ${path}: silent for ${timeoutMs} ms`)))
    if (body instanceof Readable) {
      body.once('error', (error) => outgoing.destroy(error))
      body.pipe(outgoing)
    } else outgoing.end(body)
  })
}
