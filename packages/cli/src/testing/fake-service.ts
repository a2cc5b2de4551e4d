import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { refuse, type SeenRequest, sendEmpty, sendJson, TOKEN } from './fake-answers.ts'
import { answerIdentity } from './fake-identity.ts'

export interface StoredImage {
  readonly properties: Record<string, unknown>
  data: Buffer | undefined
}

/** An answer that replaces the usual one. */
export type Override = (request: SeenRequest, response: ServerResponse) => boolean

/** An image service and a Keystone in one, small enough to read and close enough to the real ones to test a client. */
export interface FakeService {
  readonly url: string
  readonly seen: SeenRequest[]
  readonly images: Map<string, StoredImage>
  /** Called first for every request, before its body is read; true means it has answered. */
  override: Override | undefined
  readonly stores: string[]
  add(properties?: Record<string, unknown>, data?: Buffer): string
  close(): Promise<void>
}

export async function startFakeService(): Promise<FakeService> {
  const server = createServer((request, response) => {
    answer(service, request, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : undefined)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const service: FakeService = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen: [],
    images: new Map(),
    override: undefined,
    stores: [],
    add: (properties, data) => addImage(service, properties ?? {}, data),
    close: () => stop(server),
  }
  return service
}

async function stop(server: Server): Promise<void> {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
}

function addImage(service: FakeService, properties: Record<string, unknown>, data: Buffer | undefined): string {
  const id = typeof properties.id === 'string' ? properties.id : randomUUID()
  const image: StoredImage = { data: undefined, properties: { ...blankImage(id), ...properties, id } }
  service.images.set(id, image)
  if (data) store(image, data)
  return id
}

function blankImage(id: string): Record<string, unknown> {
  return {
    name: null,
    status: 'queued',
    visibility: 'shared',
    size: null,
    virtual_size: null,
    checksum: null,
    os_hash_algo: null,
    os_hash_value: null,
    disk_format: null,
    container_format: null,
    min_disk: 0,
    min_ram: 0,
    owner: 'p1',
    protected: false,
    os_hidden: false,
    created_at: '2026-01-02T03:04:05Z',
    updated_at: '2026-01-02T03:04:05Z',
    tags: [],
    self: `/v2/images/${id}`,
    file: `/v2/images/${id}/file`,
    schema: '/v2/schemas/image',
  }
}

function store(image: StoredImage, data: Buffer): void {
  image.data = data
  Object.assign(image.properties, {
    status: 'active',
    size: data.length,
    checksum: createHash('md5').update(data).digest('hex'),
    os_hash_algo: 'sha512',
    os_hash_value: createHash('sha512').update(data).digest('hex'),
  })
}

async function answer(service: FakeService, request: IncomingMessage, response: ServerResponse): Promise<unknown> {
  const { method = '', url = '', headers } = request
  const seen: SeenRequest = { method, url, headers, body: Buffer.alloc(0) }
  service.seen.push(seen)
  if (service.override?.(seen, response)) return undefined
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part)
  seen.body = Buffer.concat(parts)
  const { pathname, searchParams } = new URL(url, service.url)
  if (pathname.startsWith('/identity')) return answerIdentity(seen, response, service.url)
  if (pathname === '/versions')
    return sendJson(response, 300, { versions: [{ id: 'v2.17', status: 'CURRENT', links: [] }] })
  if (headers['x-auth-token'] !== TOKEN) return refuse(response, 401, 'Unauthorized', 'Not you.')
  if (pathname === '/v2/images')
    return method === 'POST' ? create(service, seen, response) : list(service, searchParams, response)
  if (pathname === '/v2/info/stores') {
    if (service.stores.length === 0) return refuse(response, 404, 'Not Found', 'Multi backend is not supported.')
    return sendJson(response, 200, { stores: service.stores.map((id) => ({ id })) })
  }
  if (pathname.startsWith('/v2/schemas/')) return sendJson(response, 200, IMAGE_SCHEMA)
  return answerImage(service, seen, pathname, response)
}

const IMAGE_SCHEMA = {
  name: 'image',
  properties: Object.fromEntries(
    Object.keys(blankImage('x'))
      .concat('id')
      .map((name) => [name, {}]),
  ),
  additionalProperties: { type: 'string' },
}

function answerImage(
  service: FakeService,
  seen: SeenRequest,
  pathname: string,
  response: ServerResponse,
): ServerResponse {
  const [, id = '', kind, tag = ''] = /^\/v2\/images\/([^/]+)(?:\/(file|tags)(?:\/(.+))?)?$/.exec(pathname) ?? []
  const image = service.images.get(decodeURIComponent(id))
  if (!image) return refuse(response, 404, 'Not Found', `Failed to find image ${id}`)
  if (kind === 'tags') return answerTag(image, seen.method, decodeURIComponent(tag), response)
  switch (`${seen.method} ${kind ?? ''}`.trim()) {
    case 'GET':
      return sendJson(response, 200, image.properties)
    case 'PATCH':
      applyPatch(image, JSON.parse(seen.body.toString()))
      return sendJson(response, 200, image.properties)
    case 'DELETE':
      if (image.properties.protected) return refuse(response, 403, 'Forbidden', `Image ${id} is protected.`)
      service.images.delete(id)
      return sendEmpty(response)
    case 'PUT file':
      store(image, seen.body)
      return sendEmpty(response)
    case 'GET file':
      if (!image.data) return sendEmpty(response)
      response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': image.data.length })
      return response.end(image.data)
    default:
      return refuse(response, 405, 'Method Not Allowed', '')
  }
}

function answerTag(image: StoredImage, method: string, tag: string, response: ServerResponse): ServerResponse {
  const tags = new Set(image.properties.tags as string[])
  if (method === 'PUT') tags.add(tag)
  else if (!tags.delete(tag)) return refuse(response, 404, 'Not Found', 'No such tag.')
  image.properties.tags = [...tags]
  return sendEmpty(response)
}

function create(service: FakeService, seen: SeenRequest, response: ServerResponse): ServerResponse {
  const id = addImage(service, JSON.parse(seen.body.toString()), undefined)
  return sendJson(response, 201, service.images.get(id)?.properties ?? {})
}

function list(service: FakeService, query: URLSearchParams, response: ServerResponse): ServerResponse {
  const limit = Number(query.get('limit') ?? 25)
  const all = [...service.images.values()].map((image) => image.properties)
  const start = all.findIndex((image) => image.id === query.get('marker')) + 1
  const images = all.slice(start, start + limit)
  const next = new URLSearchParams(query)
  next.set('marker', String(images.at(-1)?.id))
  const more = images.length === limit && limit > 0 ? { next: `/v2/images?${next}` } : {}
  return sendJson(response, 200, { images, first: '/v2/images', schema: '/v2/schemas/images', ...more })
}

function applyPatch(image: StoredImage, operations: readonly { op: string; path: string; value?: unknown }[]): void {
  for (const { op, path, value } of operations) {
    const name = path.slice(1).replaceAll('~1', '/').replaceAll('~0', '~')
    if (op === 'remove') delete image.properties[name]
    else image.properties[name] = value
  }
}
