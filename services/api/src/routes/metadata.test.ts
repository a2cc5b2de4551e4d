import { GlanceError } from '@glance/shared/errors/error'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { afterEach, describe, expect, test } from 'vitest'
import { buildApi } from '../app.ts'
import { anImage, fakeParts, fakeRegistry, IMAGE_ID, type RegistryCall } from '../testing/fake-parts.ts'

let app: FastifyInstance | undefined
afterEach(() => app?.close())

const SHOW = `/v2/images/${IMAGE_ID}`
const V21 = 'application/openstack-images-v2.1-json-patch'

/** An api whose registry takes everything, and what it was asked. */
function open(config: Parameters<typeof fakeParts>[0] = {}) {
  const calls: RegistryCall[] = []
  const registry = fakeRegistry(
    {
      getImage: () => anImage,
      createImage: () => anImage,
      patchImage: () => anImage,
      deleteImage: () => ({}),
      addTag: () => ({}),
      removeTag: () => ({}),
      listImages: () => ({ images: [anImage], more: true }),
    },
    calls,
  )
  const api = buildApi(fakeParts({ registry, ...config }))
  app = api
  const ask = (options: InjectOptions) =>
    api.inject({ ...options, headers: { 'x-auth-token': 'good', ...options.headers } })
  return { ask, calls }
}

describe('create', () => {
  const create = (payload: string | Buffer, headers: Record<string, string> = {}) =>
    open().ask({ method: 'POST', url: '/v2/images', payload, headers })

  test('answers with the image, where it is, and how data may come', async () => {
    const { ask, calls } = open()
    const answer = await ask({ method: 'POST', url: '/v2/images', payload: '{"name":"x","os_distro":"debian"}' })
    expect(answer.statusCode).toBe(201)
    expect(answer.headers).toMatchObject({
      location: `http://localhost:80${SHOW}`,
      'openstack-image-import-methods': 'glance-direct,web-download',
      'openstack-image-store-ids': 'fast,cheap,web',
      'content-type': 'application/json',
    })
    expect(answer.json().id).toBe(IMAGE_ID)
    expect(calls[0]?.input).toEqual({ draft: { name: 'x', properties: { os_distro: 'debian' } } })
  })

  test('without several stores or any import method the headers are left out', async () => {
    const { ask } = open({ config: { multistore: false, enabledImportMethods: [] } })
    const { headers } = await ask({ method: 'POST', url: '/v2/images', payload: '{}' })
    expect(headers).not.toHaveProperty('openstack-image-import-methods')
    expect(headers).not.toHaveProperty('openstack-image-store-ids')
  })

  test('the content type does not matter, not even a malformed one', async () => {
    for (const type of ['text/plain', 'garbage;;', 'application/octet-stream', '']) {
      expect((await create('{}', { 'content-type': type })).statusCode).toBe(201)
    }
  })

  test.each([
    ['', 400],
    ['{', 400],
    ['nonsense', 400],
    ['[]', 400],
    ['"x"', 400],
    ['5', 400],
    ['null', 400],
    ['{"name": 5}', 400],
    ['{"id": "x"}', 400],
    ['{"self": "x"}', 403],
    ['{"os_glance_x": "y"}', 403],
    ['{"locations": []}', 403],
    ['['.repeat(1000), 400],
    [`{"a": ${'['.repeat(65)}${']'.repeat(65)}}`, 400],
  ])('%s: %i', async (payload, status) => {
    expect((await create(payload)).statusCode).toBe(status)
  })

  test('a body that is not UTF-8 is refused', async () => {
    expect((await create(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]))).statusCode).toBe(400)
  })
})

describe('list', () => {
  test('links go on where the page ends', async () => {
    const { ask, calls } = open()
    const answer = await ask({ url: '/v2/images?tag=a&tag=b&limit=1' })
    expect(answer.json()).toMatchObject({
      first: '/v2/images?tag=a&tag=b&limit=1',
      next: `/v2/images?tag=a&tag=b&limit=1&marker=${IMAGE_ID}`,
      schema: '/v2/schemas/images',
    })
    expect(calls[0]?.input).toMatchObject({ query: { limit: 1, tags: ['a', 'b'] } })
  })

  test('a body is ignored', async () => {
    expect((await open().ask({ method: 'GET', url: '/v2/images', payload: 'x' })).statusCode).toBe(200)
  })

  test('bad parameters are refused without asking anybody', async () => {
    const { ask, calls } = open()
    for (const query of [
      'limit=x',
      'marker=x',
      'changes-since=',
      'sort_key=owner',
      `${'k=v&'.repeat(100_000)}size_min=x`,
    ]) {
      expect((await ask({ url: `/v2/images?${query}` })).statusCode).toBe(400)
    }
    expect(calls).toEqual([])
  })
})

describe('patch', () => {
  const patch = (payload: string, type = V21, config = {}) => {
    const opened = open({ config })
    const answer = opened.ask({ method: 'PATCH', url: SHOW, payload, headers: { 'content-type': type } })
    return answer.then((response) => ({ ...opened, response }))
  }

  test('passes the operations on and answers with the image', async () => {
    const { response, calls } = await patch('[{"op":"replace","path":"/name","value":"y"}]')
    expect([response.statusCode, response.json().id]).toEqual([200, IMAGE_ID])
    expect(response.headers['x-openstack-request-id']).toMatch(/^req-/)
    expect(calls[0]?.input).toEqual({
      imageId: IMAGE_ID,
      dialect: 'v2.1',
      operations: [{ op: 'replace', path: ['name'], value: 'y' }],
    })
  })

  test.each(['application/json', 'application/json-patch+json', 'nonsense'])(
    '%s is 415 and tells what would do',
    async (type) => {
      const { response } = await patch('[]', type)
      expect(response.statusCode).toBe(415)
      expect(response.headers['accept-patch']).toBe(
        'application/openstack-images-v2.0-json-patch, application/openstack-images-v2.1-json-patch',
      )
    },
  )

  test.each([
    ['', 400],
    ['{}', 400],
    ['[5]', 400],
    ['[{"op":"add","path":5,"value":"x"}]', 400],
    ['[{"op":"add","path":"/stores","value":"x"}]', 403],
    ['[{"op":"add","path":"/locations/-","value":{"url":"x","metadata":{}}}]', 403],
    ['[]', 200],
  ])('%s: %i', async (payload, status) => {
    expect((await patch(payload)).response.statusCode).toBe(status)
  })

  test('locations pass when the configuration shows them', async () => {
    const { response } = await patch('[{"op":"remove","path":"/locations/0"}]', V21, { showMultipleLocations: true })
    expect(response.statusCode).toBe(200)
  })
})

describe('bodies where none is expected', () => {
  test.each([
    ['GET', SHOW],
    ['DELETE', SHOW],
    ['GET', `${SHOW}/file`],
    ['PUT', `${SHOW}/tags/x`],
    ['DELETE', `${SHOW}/tags/x`],
    ['GET', '/v2/schemas/image'],
    ['GET', '/v2/info/import'],
    ['GET', '/v2/info/stores'],
  ] as const)('%s %s', async (method, url) => {
    expect((await open().ask({ method, url, payload: 'x' })).statusCode).toBe(400)
    const chunked = { 'transfer-encoding': 'chunked' }
    expect((await open().ask({ method, url, headers: chunked })).statusCode).toBe(400)
  })
})

describe('delete and tags', () => {
  test('answer 204 without a word', async () => {
    const { ask, calls } = open()
    const deleted = await ask({ method: 'DELETE', url: SHOW })
    expect([deleted.statusCode, deleted.body]).toEqual([204, ''])
    expect((await ask({ method: 'PUT', url: `${SHOW}/tags/a%20b%C3%A9` })).statusCode).toBe(204)
    expect((await ask({ method: 'DELETE', url: `${SHOW}/tags/x` })).statusCode).toBe(204)
    expect(calls.map(({ input }) => input)).toEqual([
      { imageId: IMAGE_ID },
      { imageId: IMAGE_ID, tag: 'a bé' },
      { imageId: IMAGE_ID, tag: 'x' },
    ])
  })

  test.each([
    [`${'x'.repeat(255)}`, 204],
    [`${'x'.repeat(256)}`, 400],
    ['a%2Fb', 404],
    ['', 404],
    ['a%00b', 400],
    ['%F0%9F%98%80', 204],
  ])('tag %s: %i', async (tag, status) => {
    expect((await open().ask({ method: 'PUT', url: `${SHOW}/tags/${tag}` })).statusCode).toBe(status)
  })

  test('what the registry refuses is told with its status', async () => {
    const registry = fakeRegistry({
      deleteImage: () => {
        throw new GlanceError('StoreObjectInUse', 'a snapshot needs it')
      },
    })
    const answer = await open({ registry }).ask({ method: 'DELETE', url: SHOW })
    expect([answer.statusCode, answer.body.includes('a snapshot needs it')]).toEqual([409, true])
  })
})

describe('schemas and info', () => {
  test('schemas bear their names', async () => {
    const { ask } = open()
    expect((await ask({ url: '/v2/schemas/image' })).json().name).toBe('image')
    expect((await ask({ url: '/v2/schemas/images' })).json().name).toBe('images')
  })

  test('import methods', async () => {
    expect((await open().ask({ url: '/v2/info/import' })).json()['import-methods'].value).toEqual([
      'glance-direct',
      'web-download',
    ])
  })

  test('stores tell what they are as text, and only what is so', async () => {
    expect((await open().ask({ url: '/v2/info/stores' })).json()).toEqual({
      stores: [
        { id: 'fast', description: 'quick disks', default: 'true' },
        { id: 'cheap' },
        { id: 'web', 'read-only': 'true' },
      ],
    })
    expect((await open({ config: { multistore: false } }).ask({ url: '/v2/info/stores' })).statusCode).toBe(404)
  })
})
