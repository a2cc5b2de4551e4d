import { createHash, randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { findBinary } from '../support/binaries.ts'
import { runClient } from '../support/clients.ts'
import { RawConnection } from '../support/raw-http.ts'
import { patternStream, slowStream } from '../support/streams.ts'
import { images, onEachTarget, type Target } from './target.ts'

const MIB = 1 << 20
const OCTETS = { 'Content-Type': 'application/octet-stream' }

async function connect(target: Target): Promise<RawConnection> {
  const connection = await RawConnection.open(target.url)
  onTestFinished(() => connection.close())
  return connection
}

onEachTarget((target) => {
  describe('Expect: 100-continue', () => {
    it('is answered before any byte of the image is sent, by 100 when it is wanted', async () => {
      const member = await target.as('member')
      const { id } = await member.create()
      const connection = await connect(target)
      const data = randomBytes(100_000)
      const headers = { 'X-Auth-Token': member.token, ...OCTETS, Expect: '100-continue' }
      const path = `/v2/images/${id}/file`
      await connection.sendRequest({ method: 'PUT', path, headers: { ...headers, 'Content-Length': '100000' } })
      expect((await connection.readHead()).status).toBe(100)
      await connection.send(data)
      expect((await connection.readHead()).status).toBe(204)
      expect((await member.show(id)).checksum).toBe(createHash('md5').update(data).digest('hex'))
      await member.delete(id)
    })

    it('is answered at once by the reason when it is not wanted', async () => {
      const member = await target.as('member')
      const { id } = await member.createWithData('already there')
      const cases = [
        { path: `/v2/images/${id}/file`, token: member.token, type: 'application/octet-stream', status: 409 },
        { path: `/v2/images/${id}/file`, token: member.token, type: 'text/plain', status: 415 },
        { path: `/v2/images/${id}/file`, token: 'nobody', type: 'application/octet-stream', status: 401 },
        { path: `/v2/images/${randomId()}/file`, token: member.token, type: 'application/octet-stream', status: 404 },
      ]
      for (const { path, token, type, status } of cases) {
        const connection = await connect(target)
        const headers = { 'X-Auth-Token': token, 'Content-Type': type, Expect: '100-continue' }
        await connection.sendRequest({ method: 'PUT', path, headers: { ...headers, 'Content-Length': '1000000000' } })
        expect((await connection.readHead()).status).toBe(status)
      }
      await member.delete(id)
    })

    it('works with curl, which waits for it before it sends a large file', async () => {
      const member = await target.as('member')
      const { id } = await member.create()
      const { path, bytes } = await images().build({ format: 'raw', size: 4 * MIB, content: 'random' })
      const form = ['--silent', '--show-error', '--fail', '--upload-file', path, '--expect100-timeout', '30']
      const headers = [
        `X-Auth-Token: ${member.token}`,
        'Content-Type: application/octet-stream',
        'Expect: 100-continue',
      ]
      const args = [...form, ...headers.flatMap((each) => ['--header', each]), `${target.url}/v2/images/${id}/file`]
      expect(await runClient(findBinary('curl'), args, { env: {} })).toEqual({ code: 0, stdout: '', stderr: '' })
      expect(await member.show(id)).toMatchObject({ status: 'active', size: bytes })
      await member.delete(id)
    })
  })

  describe('a size that is not true', () => {
    it.each([
      ['more was announced', 'x-openstack-image-size', '200001'],
      ['less was announced', 'x-openstack-image-size', '199999'],
    ])('%s: 400, and nothing is left', async (_what, header, value) => {
      const member = await target.as('member')
      const { id } = await member.create()
      const reply = await member.upload(id, patternStream({ bytes: 200_000 }), { [header]: value })
      expect(reply.status).toBe(400)
      await queuedAndEmpty(target, id)
      expect((await member.upload(id, 'the right bytes')).status).toBe(204)
      await member.delete(id)
    })

    it.each(['-1', 'many', '1.5', '', '0x10'])('x-openstack-image-size: %j is refused with 400', async (value) => {
      const member = await target.as('member')
      const { id } = await member.create()
      expect((await member.upload(id, 'some', { 'x-openstack-image-size': value })).status).toBe(400)
      await queuedAndEmpty(target, id)
      await member.delete(id)
    })
  })

  describe('a client that breaks off', () => {
    it.each([
      ['with a Content-Length', { 'Content-Length': String(64 * MIB) }],
      ['chunked', { 'Transfer-Encoding': 'chunked' }],
    ])('midway, %s: the image is queued again, nothing is left, and the next PUT works', async (how, framing) => {
      const member = await target.as('member')
      const { id } = await member.create()
      const connection = await connect(target)
      const headers = { 'X-Auth-Token': member.token, ...OCTETS, ...framing }
      await connection.sendRequest({ method: 'PUT', path: `/v2/images/${id}/file`, headers })
      for (let sent = 0; sent < 8; sent++) {
        const part = randomBytes(MIB)
        await (how === 'chunked' ? connection.sendChunk(part) : connection.send(part))
      }
      await member.untilStatus(id, ['saving'], 5000)
      connection.breakOff()
      await member.untilStatus(id, ['queued'], 10_000)
      await queuedAndEmpty(target, id)
      expect((await member.upload(id, 'whole')).status).toBe(204)
      await member.delete(id)
    })
  })

  it('an image is shown as saving while its bytes come, and has none to give', async () => {
    const member = await target.as('member')
    const { id } = await member.create()
    const upload = member.upload(id, slowStream({ bytes: 640_000, chunkBytes: 64_000, delayMs: 150 }))
    await member.untilStatus(id, ['saving'], 5000)
    expect(await member.download(id)).toMatchObject({ status: 204, bytes: 0 })
    expect((await member.upload(id, 'a second one')).status).toBe(409)
    expect((await upload).status).toBe(204)
    expect(await member.show(id)).toMatchObject({ status: 'active', size: 640_000 })
    await member.delete(id)
  })

  it('an image deleted while its bytes come is gone: 410, and nothing is left', async () => {
    const member = await target.as('member')
    const { id } = await member.create()
    const upload = member.upload(id, slowStream({ bytes: 640_000, chunkBytes: 64_000, delayMs: 150 }))
    await member.untilStatus(id, ['saving'], 5000)
    await member.delete(id)
    expect((await upload).status).toBe(410)
    expect((await member.send('GET', `/v2/images/${id}`)).status).toBe(404)
    await target.untilOnlyFilesOf([])
  })

  it('data can be given once: the second PUT is refused with 409 and changes nothing', async () => {
    const member = await target.as('member')
    const image = await member.createWithData('first')
    expect((await member.upload(image.id, 'second')).status).toBe(409)
    expect(await member.show(image.id)).toEqual(image)
    expect(await member.download(image.id)).toMatchObject({ md5: image.checksum as string })
    await member.delete(image.id)
  })

  it('of two at the same time one is stored and one refused with 409', async () => {
    const member = await target.as('member')
    const { id } = await member.create()
    const bodies = [Buffer.alloc(3 * MIB, 'a'), Buffer.alloc(3 * MIB, 'b')]
    const replies = await Promise.all(bodies.map((body) => member.upload(id, body)))
    expect(replies.map(({ status }) => status).toSorted()).toEqual([204, 409])
    const stored = bodies[replies.findIndex(({ status }) => status === 204)] ?? ''
    expect((await member.show(id)).checksum).toBe(createHash('md5').update(stored).digest('hex'))
    await member.delete(id)
  })

  it('thirty at the same time are all stored, each with its own bytes', async () => {
    const member = await target.as('member')
    const made = await Promise.all(
      Array.from({ length: 30 }, async (_each, index) => {
        const data = Buffer.alloc(200_000 + index, `image ${index};`)
        const image = await member.createWithData(data, { name: `parallel ${index}` })
        return { id: image.id, right: createHash('md5').update(data).digest('hex'), checksum: image.checksum }
      }),
    )
    for (const { id, right, checksum } of made) {
      expect(checksum).toBe(right)
      expect((await member.download(id)).md5).toBe(right)
    }
    await target.untilOnlyFilesOf(made.map(({ id }) => id))
    await Promise.all(made.map(({ id }) => member.delete(id)))
    await target.untilOnlyFilesOf([])
  })

  it('needs the formats of the image and the right content type', async () => {
    const member = await target.as('member')
    const bare = await member.create({ disk_format: null, container_format: null })
    expect((await member.upload(bare.id, 'x')).status).toBe(400)
    await queuedAndEmpty(target, bare.id)
    const typed = await member.upload(bare.id, 'x', { 'Content-Type': 'application/json' })
    expect(typed.status).toBe(415)
    await member.delete(bare.id)
  })

  describe('a store', () => {
    it('can be chosen by name; one that does not exist or is reserved is refused with 400', async () => {
      const member = await target.as('member')
      const { id } = await member.create()
      for (const store of ['nowhere', 'os_glance_staging_store', 'os_glance_tasks_store']) {
        expect((await member.upload(id, 'x', { 'x-image-meta-store': store })).status).toBe(400)
      }
      await queuedAndEmpty(target, id)
      expect((await member.upload(id, 'in the small one', { 'x-image-meta-store': 'small' })).status).toBe(204)
      expect(await member.show(id)).toMatchObject({ status: 'active', stores: 'small' })
      await target.untilOnlyFilesOf([id], 'small')
      expect(await member.download(id)).toMatchObject({ status: 200, bytes: 16 })
      await member.delete(id)
      await target.untilOnlyFilesOf([], 'small')
    })

    it.each(['with a Content-Length', 'chunked'])(
      'that is full midway answers 413 %s and keeps nothing',
      async (how) => {
        const member = await target.as('member')
        const { id } = await member.create()
        const size = 40 * MIB
        const length = how === 'chunked' ? {} : { 'Content-Length': String(size) }
        const headers = { 'x-image-meta-store': 'small', ...length }
        const reply = await member.upload(id, patternStream({ bytes: size, chunkBytes: MIB }), headers)
        expect(reply.status).toBe(413)
        await queuedAndEmpty(target, id)
        // What it took before is free again.
        const again = patternStream({ bytes: 16 * MIB, chunkBytes: MIB })
        expect((await member.upload(id, again, { 'x-image-meta-store': 'small' })).status).toBe(204)
        await member.delete(id)
        await target.untilOnlyFilesOf([], 'small')
      },
    )

    it('that became read-only answers 503, the image can go elsewhere, and nothing is left once it is well', async () => {
      const member = await target.as('member')
      const { id } = await member.create()
      const headers = { 'x-image-meta-store': 'frail' }
      await target.remount('frail', 'ro')
      try {
        const reply = await member.upload(id, patternStream({ bytes: 3 * MIB }), headers)
        expect(reply.status).toBe(503)
        expect(reply.headers['retry-after']).toMatch(/^\d+$/)
      } finally {
        await target.remount('frail', 'rw')
      }
      await queuedAndEmpty(target, id)
      expect((await member.upload(id, 'elsewhere')).status).toBe(204)
      const second = await member.create()
      expect((await member.upload(second.id, 'well again', headers)).status).toBe(204)
      await member.delete(id)
      await member.delete(second.id)
    })
  })

  it('a client that is slow gets its image stored', async () => {
    const member = await target.as('member')
    const { id } = await member.create()
    const connection = await connect(target)
    const headers = { 'X-Auth-Token': member.token, ...OCTETS, 'Transfer-Encoding': 'chunked' }
    await connection.sendRequest({ method: 'PUT', path: `/v2/images/${id}/file`, headers })
    for (let count = 0; count < 8; count++) {
      await connection.sendChunk(Buffer.from('a'))
      await sleep(250)
    }
    await connection.send('0\r\n\r\n')
    expect((await connection.readHead()).status).toBe(204)
    expect(await member.show(id)).toMatchObject({ status: 'active', size: 8 })
    await member.delete(id)
  })
})

/** The image is as if nobody had sent anything, and no store holds anything of it. */
async function queuedAndEmpty(target: Target, id: string): Promise<void> {
  const image = await (await target.as('member')).show(id)
  expect(image).toMatchObject({ status: 'queued', size: null, virtual_size: null, checksum: null, os_hash_value: null })
  expect(image).not.toHaveProperty('stores')
  for (const store of ['main', 'small', 'frail'] as const) await target.untilOnlyFilesOf([], store)
}

function randomId(): string {
  return crypto.randomUUID()
}
