import { describe, expect, it, onTestFinished } from 'vitest'
import { RawConnection } from '../support/raw-http.ts'
import { onEachTarget } from './target.ts'

const PATCH_TYPE = 'application/openstack-images-v2.1-json-patch'

onEachTarget((target) => {
  describe('POST /v2/images', () => {
    it.each([
      ['no JSON', '{"name": '],
      ['nothing', ''],
      ['an array', '[]'],
      ['a text', '"image"'],
      ['null', 'null'],
      ['a name that is a number', '{"name": 5}'],
      ['a size that is a text in min_ram', '{"min_ram": "many"}'],
      ['min_disk below 0', '{"min_disk": -1}'],
      ['min_ram above 2^31-1', '{"min_ram": 2147483648}'],
      ['an unknown disk_format', '{"disk_format": "floppy"}'],
      ['an unknown container_format', '{"container_format": "bag"}'],
      ['an unknown visibility', '{"visibility": "everybody"}'],
      ['an id that is no UUID', '{"id": "../../etc/passwd"}'],
      ['protected as text', '{"protected": "yes"}'],
      ['a tag that is a number', '{"tags": [1]}'],
      ['a property that is an object', '{"os": {"name": "x"}}'],
      ['JSON nested a million times', `{"x": ${'['.repeat(100_000)}`],
    ])('with %s is refused with 400', async (_what, body) => {
      const member = await target.as('member')
      const reply = await member.send('POST', '/v2/images', { body, headers: { 'Content-Type': 'application/json' } })
      expect(reply.status).toBe(400)
      expect(JSON.parse(reply.text)).toMatchObject({ code: '400 Bad Request', title: 'Bad Request' })
    })

    it('tells which field breaks which rule', async () => {
      const member = await target.as('member')
      const reply = await member.send('POST', '/v2/images', { json: { disk_format: 'floppy' } })
      expect(JSON.parse(reply.text).message).toContain('disk_format')
    })

    it.each(['status', 'checksum', 'size', 'locations', 'os_glance_foo', 'self', 'stores', 'os_hash_algo'])(
      'may not set %s: 403',
      async (name) => {
        const member = await target.as('member')
        const json = { [name]: { size: 5, locations: [], status: 'active' }[name] ?? 'a'.repeat(32) }
        expect((await member.send('POST', '/v2/images', { json })).status).toBe(403)
      },
    )

    it('takes an id once, also when its image is deleted: 409', async () => {
      const member = await target.as('member')
      const id = crypto.randomUUID()
      await member.create({ id })
      expect((await member.send('POST', '/v2/images', { json: { id } })).status).toBe(409)
      await member.delete(id)
      expect((await member.send('POST', '/v2/images', { json: { id } })).status).toBe(409)
    })

    it('takes 128 properties and no more: 413', async () => {
      const member = await target.as('member')
      const properties = Object.fromEntries(Array.from({ length: 129 }, (_each, index) => [`p${index}`, 'x']))
      expect((await member.send('POST', '/v2/images', { json: properties })).status).toBe(413)
    })

    it('larger than any image description is refused, and the server lives', async () => {
      const member = await target.as('member')
      const reply = await member.send('POST', '/v2/images', { json: { note: 'x'.repeat(20 * (1 << 20)) } })
      expect([400, 413]).toContain(reply.status)
      expect((await member.send('GET', '/v2/images')).status).toBe(200)
    })
  })

  describe('PATCH', () => {
    it.each([
      ['no array', { op: 'add', path: '/a', value: 'b' }],
      ['an operation that is no object', ['add']],
      ['a path that is a number', [{ op: 'add', path: 5, value: 'b' }]],
      ['a path without a slash', [{ op: 'add', path: 'a', value: 'b' }]],
      ['an empty name', [{ op: 'add', path: '/', value: 'b' }]],
      ['a trailing slash', [{ op: 'add', path: '/a/', value: 'b' }]],
      ['two levels', [{ op: 'add', path: '/a/b', value: 'c' }]],
      ['an unknown escape', [{ op: 'add', path: '/a~2', value: 'b' }]],
      ['no value', [{ op: 'add', path: '/a' }]],
      ['move', [{ op: 'move', path: '/a', from: '/b' }]],
      ['test', [{ op: 'test', path: '/name', value: 'an image' }]],
      ['a value of the wrong type', [{ op: 'replace', path: '/name', value: 5 }]],
      ['a name of 256 characters', [{ op: 'add', path: `/${'p'.repeat(256)}`, value: 'b' }]],
      ['min_ram below 0', [{ op: 'replace', path: '/min_ram', value: -1 }]],
    ])('with %s is refused with 400, and the image stays', async (_what, json) => {
      const member = await target.as('member')
      const image = await member.create()
      const headers = { 'Content-Type': PATCH_TYPE }
      expect((await member.send('PATCH', `/v2/images/${image.id}`, { json, headers })).status).toBe(400)
      expect(await member.show(image.id)).toEqual(image)
      await member.delete(image.id)
    })

    it.each(['application/json', 'application/json-patch+json', 'text/plain'])(
      'as %s is refused with 415 and the types it takes',
      async (type) => {
        const member = await target.as('member')
        const { id } = await member.create()
        const reply = await member.send('PATCH', `/v2/images/${id}`, { json: [], headers: { 'Content-Type': type } })
        expect(reply.status).toBe(415)
        expect(reply.headers['accept-patch']).toBe(
          'application/openstack-images-v2.0-json-patch, application/openstack-images-v2.1-json-patch',
        )
        await member.delete(id)
      },
    )

    it('of what cannot be is refused with 409 or 403, in either language, and nothing of it is saved', async () => {
      const member = await target.as('member')
      const image = await member.create({ known: '1' })
      const cases: [number, object[]][] = [
        [409, [{ op: 'replace', path: '/unknown', value: 'x' }]],
        [409, [{ op: 'remove', path: '/unknown' }]],
        [403, [{ op: 'remove', path: '/name' }]],
        [
          409,
          [
            { op: 'replace', path: '/name', value: 'n' },
            { op: 'remove', path: '/unknown' },
          ],
        ],
      ]
      for (const [status, operations] of cases) expect((await member.patch(image.id, operations)).status).toBe(status)
      const old = { 'Content-Type': 'application/openstack-images-v2.0-json-patch' }
      const path = `/v2/images/${image.id}`
      expect((await member.send('PATCH', path, { json: [{ add: '/known', value: '2' }], headers: old })).status).toBe(
        409,
      )
      expect((await member.send('PATCH', path, { json: [{ add: '/name', value: '2' }], headers: old })).status).toBe(
        409,
      )
      expect(await member.show(image.id)).toEqual(image)
      const changed = await member.send('PATCH', path, { json: [{ replace: '/known', value: '2' }], headers: old })
      expect(changed.status).toBe(200)
      expect(JSON.parse(changed.text).known).toBe('2')
      await member.delete(image.id)
    })

    it('of the formats of an active image is refused with 403', async () => {
      const member = await target.as('member')
      const { id } = await member.createWithData('x')
      expect((await member.patch(id, [{ op: 'replace', path: '/disk_format', value: 'raw' }])).status).toBe(403)
      await member.delete(id)
    })
  })

  it.each([
    ['GET', '/v2/images/', 404],
    ['GET', '/v2/images/not-an-id', 404],
    ['GET', '/v2/nothing', 404],
    ['DELETE', '/v2/images/6f1d6dd4-6e0c-4fb1-9a57-000000000000', 404],
    ['GET', '/v2/images/%ff', 400],
    ['GET', '/v2/images/6f1d6dd4-6e0c-4fb1-9a57-000000000000/', 404],
    ['PROPFIND', '/v2/nothing', 501],
  ])('%s %s is answered with %i', async (method, path, status) => {
    expect((await (await target.as('member')).send(method, path)).status).toBe(status)
  })

  it.each([
    ['PUT', '/v2/images', 'GET, POST'],
    ['HEAD', '/v2/images', 'GET, POST'],
    ['POST', '/v2/images/6f1d6dd4-6e0c-4fb1-9a57-000000000000', 'GET, PATCH, DELETE'],
    ['DELETE', '/v2/images/6f1d6dd4-6e0c-4fb1-9a57-000000000000/file', 'GET, PUT'],
    ['GET', '/v2/images/6f1d6dd4-6e0c-4fb1-9a57-000000000000/tags/t', 'PUT, DELETE'],
    ['PROPFIND', '/v2/images', 'GET, POST'],
    ['POST', '/v2/schemas/image', 'GET'],
  ])('%s %s is answered with 405 and Allow: %s', async (method, path, allow) => {
    const reply = await (await target.as('member')).send(method, path)
    expect(reply.status).toBe(405)
    expect(reply.headers.allow).toBe(allow)
  })

  it('a body where none belongs is refused with 400', async () => {
    const member = await target.as('member')
    const { id } = await member.create()
    for (const [method, path] of [
      ['GET', `/v2/images/${id}`],
      ['GET', `/v2/images/${id}/file`],
      ['DELETE', `/v2/images/${id}`],
      ['PUT', `/v2/images/${id}/tags/t`],
    ] as const) {
      expect({ method, path, status: (await member.send(method, path, { body: '{}' })).status }).toEqual({
        method,
        path,
        status: 400,
      })
    }
    expect((await member.send('GET', '/v2/images', { body: '{}' })).status).toBe(200)
    await member.delete(id)
  })

  it('a request id that is too long is refused with 431; a good one comes back', async () => {
    const member = await target.as('member')
    const long = await member.send('GET', '/v2/images', { headers: { 'X-Openstack-Request-ID': 'r'.repeat(65) } })
    expect(long.status).toBe(431)
    const own = await member.send('GET', '/v2/images', { headers: { 'X-Openstack-Request-ID': 'req-my-own' } })
    expect(own.headers['x-openstack-request-id']).toBe('req-my-own')
    const none = await member.send('GET', '/v2/images')
    expect(none.headers['x-openstack-request-id']).toMatch(/^req-[0-9a-f-]{36}$/)
  })

  it.each([
    ['*/*', 'text/html; charset=utf-8', '<title>404 Not Found</title>'],
    ['application/json', 'application/json', '"code":"404 Not Found"'],
    ['', 'text/plain; charset=utf-8', '404 Not Found'],
    ['image/png', 'text/plain; charset=utf-8', '404 Not Found'],
  ])('an error for Accept: %s is %s', async (accept, type, part) => {
    const member = await target.as('member')
    const reply = await member.send('GET', `/v2/images/${crypto.randomUUID()}`, { headers: { Accept: accept } })
    expect(reply.status).toBe(404)
    expect(reply.headers['content-type']?.toLowerCase()).toBe(type)
    expect(reply.text.replaceAll(/:\s+"/g, ':"')).toContain(part)
  })

  it.each([
    ['a line that is no request', 'hello\r\n\r\n'],
    ['two lengths', 'POST /v2/images HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    [
      'length and chunks',
      'POST /v2/images HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    ],
    ['a header of 100 KiB', `GET /v2/images HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`],
  ])('%s on the wire gets a 4xx and the connection is closed', async (_what, text) => {
    const connection = await RawConnection.open(target.url)
    onTestFinished(() => connection.close())
    await connection.send(text)
    const head = await connection.readHead()
    expect(head.status).toBeGreaterThanOrEqual(400)
    expect(head.status).toBeLessThan(500)
    await connection.untilClosed()
  })
})
