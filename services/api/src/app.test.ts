import { GlanceError } from '@glance/shared/errors/error'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { afterEach, describe, expect, test } from 'vitest'
import { buildApi } from './app.ts'
import {
  aCaller,
  anImage,
  fakeLog,
  fakeParts,
  fakeRegistry,
  IMAGE_ID,
  type LogLine,
  type RegistryCall,
  type RegistryStub,
} from './testing/fake-parts.ts'

let app: FastifyInstance | undefined
afterEach(() => app?.close())

const SHOW = `/v2/images/${IMAGE_ID}`
const known = { 'x-auth-token': 'good' }

/** One request to an api made of `parts`, by a known caller unless it says otherwise. */
async function ask(parts: Parameters<typeof fakeParts>[0], request: InjectOptions | string) {
  app = buildApi(fakeParts(parts))
  const options = typeof request === 'string' ? { url: request } : request
  return app.inject({ headers: known, ...options })
}
const registryOf = (stub: RegistryStub, calls: RegistryCall[] = []) => ({ registry: fakeRegistry(stub, calls) })
const shows = registryOf({ getImage: () => anImage })

describe('version documents', () => {
  test.each(['/', '/v1', '/v3/images', '/foo', '/v2.99/images', '/V2/images', '//v2/images'])(
    '%s offers the choice, without a caller and without a request id',
    async (url) => {
      const answer = await ask({}, { url, headers: {} })
      expect(answer.statusCode).toBe(300)
      expect(answer.headers['content-type']).toBe('application/json')
      expect(answer.headers).not.toHaveProperty('x-openstack-request-id')
      expect(answer.json().versions[0].links[0].href).toBe('http://localhost:80/v2/')
    },
  )

  test.each(['GET', 'POST', 'DELETE', 'HEAD'] as const)('/versions answers %s', async (method) => {
    expect((await ask({}, { method, url: '/versions', headers: {} })).statusCode).toBe(200)
  })

  test('a public endpoint is the base of all links, and a senseless Host is not repeated', async () => {
    const configured = await ask({ config: { publicEndpoint: 'https://cloud/image/' } }, '/versions')
    expect(configured.json().versions[0].links[0].href).toBe('https://cloud/image/v2/')
    const odd = await ask({}, { url: '/versions', headers: { host: 'a"><script>' } })
    expect(odd.json().versions[0].links[0].href).toMatch(/^http:\/\/127\.0\.0\.1/)
  })

  test('proxy headers count only when configured', async () => {
    const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'cloud.example' }
    const href = async (enableProxyHeaders: boolean) =>
      (await ask({ config: { enableProxyHeaders } }, { url: '/versions', headers })).json().versions[0].links[0].href
    expect(await href(true)).toBe('https://cloud.example/v2/')
    expect(await href(false)).toBe('http://localhost:80/v2/')
  })

  test('/v2 leads to /v2/, which is nothing; both only for known callers', async () => {
    const redirect = await ask({}, '/v2')
    expect([redirect.statusCode, redirect.headers.location]).toEqual([302, 'http://localhost:80/v2/'])
    expect(redirect.headers['x-openstack-request-id']).toMatch(/^req-/)
    expect((await ask({}, '/v2.9')).statusCode).toBe(302)
    expect((await ask({}, '/v2/')).statusCode).toBe(404)
    expect((await ask({}, { url: '/v2', headers: {} })).statusCode).toBe(401)
    expect((await ask({}, { url: '/v2/', headers: {} })).statusCode).toBe(401)
  })

  test('minor versions and the vendor media type lead to the same operations', async () => {
    expect((await ask(shows, `/v2.7/images/${IMAGE_ID}`)).statusCode).toBe(200)
    const vendor = (version: string) => ({ ...known, accept: `application/vnd.openstack.images-${version}` })
    expect((await ask(shows, { url: `/images/${IMAGE_ID}`, headers: vendor('v2.9') })).statusCode).toBe(200)
    expect((await ask(shows, { url: `/images/${IMAGE_ID}`, headers: vendor('v3') })).statusCode).toBe(300)
    expect((await ask(shows, { url: SHOW, headers: vendor('v2') })).statusCode).toBe(404)
  })
})

describe('health', () => {
  test.each([
    [true, undefined, 200, 'OK'],
    [true, 'application/json', 200, '{"detailed":false,"reasons":["OK"]}'],
    [false, '*/*', 503, 'registry: away'],
  ])('healthy %s, Accept %s: %i', async (healthy, accept, status, body) => {
    const health = async () => ({ healthy, reasons: [healthy ? 'OK' : 'registry: away'] })
    const answer = await ask({ health }, { url: '/healthcheck', headers: accept === undefined ? {} : { accept } })
    expect([answer.statusCode, answer.body]).toEqual([status, body])
  })
})

describe('callers', () => {
  test.each([{}, { 'x-auth-token': 'bad' }])('with %j nobody is known', async (headers) => {
    const answer = await ask({}, { url: '/v2/images', headers: { ...headers, accept: 'application/json' } })
    expect(answer.statusCode).toBe(401)
    expect(answer.headers['www-authenticate']).toBe('Keystone uri="http://identity"')
    expect(answer.headers).not.toHaveProperty('x-openstack-request-id')
    expect(answer.json().code).toBe('401 Unauthorized')
  })

  test('the caller and one request id reach the registry', async () => {
    const calls: RegistryCall[] = []
    const answer = await ask(registryOf({ getImage: () => anImage }, calls), {
      url: SHOW,
      headers: { ...known, 'x-openstack-request-id': 'abc' },
    })
    expect(answer.headers['x-openstack-request-id']).toBe('req-abc')
    expect(calls).toEqual([
      { method: 'getImage', context: { ...aCaller, requestId: 'req-abc' }, input: { imageId: IMAGE_ID } },
    ])
  })

  test('too long a request id is 431, without an id of its own', async () => {
    const answer = await ask({}, { url: SHOW, headers: { ...known, 'x-openstack-request-id': 'x'.repeat(65) } })
    expect(answer.statusCode).toBe(431)
    expect(answer.headers).not.toHaveProperty('x-openstack-request-id')
  })

  test('who may only read changes nothing', async () => {
    const identity = { authenticate: async () => ({ ...aCaller, readOnly: true }) }
    expect((await ask({ ...shows, identity }, SHOW)).statusCode).toBe(200)
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
      expect((await ask({ ...shows, identity }, { method, url: SHOW })).statusCode).toBe(403)
    }
  })

  test('an identity service that is away is 503, and is not the caller’s fault', async () => {
    const identity = {
      authenticate: async () => {
        throw new GlanceError('Unavailable', 'no answer from http://keystone:5000')
      },
    }
    const answer = await ask({ identity }, { url: SHOW, headers: { ...known, accept: 'text/plain' } })
    expect(answer.statusCode).toBe(503)
    expect(answer.headers['retry-after']).toBe('5')
    expect(answer.body).not.toContain('keystone')
  })
})

describe('paths and methods', () => {
  test('OPTIONS is answered anywhere, empty, to anybody', async () => {
    for (const url of ['/', '/v2/images', '/nowhere', '*']) {
      const answer = await ask({}, { method: 'OPTIONS', url, headers: {} })
      expect([answer.statusCode, answer.body]).toEqual([200, ''])
      expect(answer.headers).not.toHaveProperty('x-openstack-request-id')
    }
  })

  test.each([
    ['/v2/images', 'DELETE', 'GET, POST'],
    ['/v2/images', 'HEAD', 'GET, POST'],
    [SHOW, 'PUT', 'GET, PATCH, DELETE'],
    [SHOW, 'HEAD', 'GET, PATCH, DELETE'],
    [SHOW, 'TRACE', 'GET, PATCH, DELETE'],
    [`${SHOW}/file`, 'POST', 'GET, PUT'],
    [`${SHOW}/file`, 'PROPFIND', 'GET, PUT'],
    [`${SHOW}/tags/x`, 'GET', 'PUT, DELETE'],
    ['/v2/info/import', 'POST', 'GET'],
    ['/v2/info/stores', 'DELETE', 'GET'],
    ['/v2/schemas/image', 'PUT', 'GET'],
  ])('%s does not take %s', async (url, method, allow) => {
    const answer = await ask({}, { method: method as 'GET', url })
    expect([answer.statusCode, answer.headers.allow]).toEqual([405, allow])
  })

  test.each([
    ['/v2/nowhere', 'GET', 404],
    ['/v2/images/', 'GET', 404],
    [`${SHOW}/`, 'GET', 404],
    [`${SHOW}/file/`, 'PUT', 404],
    ['/v2/images//file', 'GET', 404],
    ['/v2/nowhere', 'HEAD', 404],
    ['/v2/nowhere', 'PROPFIND', 501],
    ['/v2/nowhere', 'TRACE', 501],
    ['/v2/images/%ff', 'GET', 400],
    ['/v2/images?name=%ff', 'GET', 400],
    [`${SHOW}?x=%c3%28`, 'GET', 400],
  ])('%s %s: %i', async (url, method, status) => {
    expect((await ask(shows, { method: method as 'GET', url })).statusCode).toBe(status)
  })

  test.each(['x', '..', '%2e%2e%2fetc', 'a%2Fb', `${IMAGE_ID}%00`, `${IMAGE_ID}x`, 'x'.repeat(5000), '%25', "'--"])(
    'an id such as %s names no image, and nobody is asked',
    async (id) => {
      const calls: RegistryCall[] = []
      app = buildApi(fakeParts(registryOf({ getImage: () => anImage }, calls)))
      for (const url of [`/v2/images/${id}`, `/v2/images/${id}/file`]) {
        expect((await app.inject({ url, headers: known })).statusCode).toBe(404)
      }
      expect(calls).toEqual([])
    },
  )
})

describe('errors', () => {
  const failing = (error: Error) =>
    registryOf({
      getImage: () => {
        throw error
      },
    })

  test('a refusal keeps its words, in the shape asked for', async () => {
    const parts = failing(new GlanceError('Forbidden', 'not <you>'))
    const html = await ask(parts, { url: SHOW, headers: { ...known, accept: '*/*' } })
    expect([html.statusCode, html.headers['content-type']]).toEqual([403, 'text/html; charset=UTF-8'])
    expect(html.body).toContain('not &lt;you&gt;')
    const json = await ask(parts, { url: SHOW, headers: { ...known, accept: 'application/json' } })
    expect(json.headers['content-type']).toBe('application/json')
    expect(json.json()).toEqual({ message: 'not <you><br /><br />\n\n\n', code: '403 Forbidden', title: 'Forbidden' })
    const plain = await ask(parts, { url: SHOW, headers: { ...known, accept: '' } })
    expect([plain.headers['content-type'], plain.body]).toEqual([
      'text/plain; charset=UTF-8',
      '403 Forbidden\n\nnot <you>\n\n',
    ])
  })

  test('what broke inside is logged and not told', async () => {
    const lines: LogLine[] = []
    const answer = await ask({ ...failing(new Error('secret of the house')), log: fakeLog(lines) }, SHOW)
    expect(answer.statusCode).toBe(500)
    expect(answer.body).not.toContain('secret')
    expect(answer.headers['x-openstack-request-id']).toMatch(/^req-/)
    expect(lines.find(({ level }) => level === 'error')?.fields).toMatchObject({
      operation: 'images.show',
      err: expect.objectContaining({ message: 'secret of the house' }),
    })
  })

  test('each request is told once, by operation, without its token', async () => {
    const lines: LogLine[] = []
    await ask({ ...shows, log: fakeLog(lines) }, { url: `${SHOW}?a=b`, headers: { 'x-auth-token': 'gAAAA-secret' } })
    expect(lines).toHaveLength(1)
    expect(lines[0]?.fields).toMatchObject({
      operation: 'images.show',
      method: 'GET',
      path: `${SHOW}?a=b`,
      status: 200,
      project_id: 'p1',
      request_id: expect.stringMatching(/^req-/),
    })
    expect(JSON.stringify(lines)).not.toContain('gAAAA')
  })
})

test('the identity provider may bring routes of its own, for callers not known yet', async () => {
  const parts = fakeParts()
  app = buildApi({
    ...parts,
    identity: {
      ...parts.identity,
      routes: (own) => void own.get('/identity/v3', (_request, reply) => void reply.send({ version: 3 })),
    },
  })
  expect((await app.inject('/identity/v3')).json()).toEqual({ version: 3 })
})
