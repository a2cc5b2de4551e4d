import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findBinary } from '../support/binaries.ts'
import { runClient } from '../support/clients.ts'
import type { GlanceHttp } from '../support/glance-http.ts'
import { makeTempDir, removeDir } from '../support/temp-dir.ts'
import { images, onEachTarget } from './target.ts'

const MIB = 1 << 20
const SIZE = 3 * MIB + 17

let dir = ''
let bytes: Buffer
beforeAll(async () => {
  dir = makeTempDir('downloads')
  const { path } = await images().build({ format: 'raw', size: 4 * MIB, content: 'random' })
  bytes = (await readFile(path)).subarray(0, SIZE)
})
afterAll(() => removeDir(dir))

const md5 = (data: Uint8Array): string => createHash('md5').update(data).digest('hex')

onEachTarget((target) => {
  let member: GlanceHttp
  let id = ''
  beforeAll(async () => {
    member = await target.as('member')
    id = (await member.createWithData(bytes)).id
  })

  describe('a range', () => {
    it.each([
      ['0-0', 0, 0],
      ['0-499', 0, 499],
      ['500-999', 500, 999],
      [`${MIB}-`, MIB, SIZE - 1],
      ['-17', SIZE - 17, SIZE - 1],
      [`${SIZE - 1}-`, SIZE - 1, SIZE - 1],
      [`10-${SIZE + 1000}`, 10, SIZE - 1],
    ])('bytes=%s is fetched by curl', async (range, first, last) => {
      const url = `${target.url}/v2/images/${id}/file`
      const form = ['--silent', '--show-error', '--dump-header', '-', '--output', `${dir}/part`]
      const curl = [...form, '--range', range, '--header', `X-Auth-Token: ${member.token}`, url]
      const { code, stdout } = await runClient(findBinary('curl'), curl, { env: {} })
      expect(code).toBe(0)
      expect(stdout).toMatch(/^HTTP\/1\.1 206 /)
      expect(stdout.toLowerCase()).toContain(`content-range: bytes ${first}-${last}/${SIZE}\r\n`)
      expect(stdout.toLowerCase()).toContain(`content-length: ${last - first + 1}\r\n`)
      expect(stdout.toLowerCase()).toContain(`content-md5: ${md5(bytes)}\r\n`)
      expect(md5(await readFile(`${dir}/part`))).toBe(md5(bytes.subarray(first, last + 1)))
    })

    it.each(['-0', `-${SIZE + 1}`])('bytes=%s gives the whole image', async (range) => {
      const got = await member.download(id, { Range: `bytes=${range}` })
      expect(got).toMatchObject({ bytes: SIZE, md5: md5(bytes) })
    })

    it('may come as Content-Range, as old clients send it', async () => {
      const got = await member.download(id, { 'Content-Range': 'bytes 100-199/*' })
      expect(got).toMatchObject({ status: 206, bytes: 100, md5: md5(bytes.subarray(100, 200)) })
      const beyond = await member.download(id, { 'Content-Range': `bytes 100-${SIZE}/*` })
      expect(beyond.status).toBe(416)
    })

    it.each([`bytes=${SIZE}-`, 'bytes=9-3', 'bytes=a-b', 'lines=1-2', 'bytes=-'])(
      '%s is refused with 416',
      async (range) => {
        expect((await member.download(id, { Range: range })).status).toBe(416)
      },
    )

    it('more than one is refused with 400; an empty one is none', async () => {
      expect((await member.download(id, { Range: 'bytes=0-1,5-6' })).status).toBe(400)
      expect(await member.download(id, { Range: '' })).toMatchObject({ status: 200, bytes: SIZE })
    })
  })

  it('curl continues a download that broke off', async () => {
    const file = `${dir}/continued-${target.kind}`
    const url = `${target.url}/v2/images/${id}/file`
    const base = ['--silent', '--show-error', '--output', file, '--header', `X-Auth-Token: ${member.token}`]
    await runClient(findBinary('curl'), [...base, '--range', `0-${MIB}`, url], { env: {} })
    const { code } = await runClient(findBinary('curl'), [...base, '--continue-at', '-', url], { env: {} })
    expect(code).toBe(0)
    expect(md5(await readFile(file))).toBe(md5(bytes))
  })

  it('an image without data has nothing to give: 204, a range of it too', async () => {
    const queued = (await member.create()).id
    expect(await member.download(queued)).toMatchObject({ status: 204, bytes: 0 })
    expect(await member.download(queued, { Range: 'bytes=0-5' })).toMatchObject({ status: 204, bytes: 0 })
    const empty = (await member.createWithData('')).id
    expect(await member.download(empty, { Range: 'bytes=0-5' })).toMatchObject({ status: 204, bytes: 0 })
    await member.delete(queued)
    await member.delete(empty)
  })

  it('many at once each get the right bytes', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => member.download(id)))
    expect(new Set(all.map((each) => `${each.status} ${each.md5}`))).toEqual(new Set([`200 ${md5(bytes)}`]))
  })

  it('readers who break off leave the server able to serve', async () => {
    for (let count = 0; count < 20; count++) {
      const reader = await member.download(id, {}, () => {
        throw new Error('enough')
      })
      expect(reader.complete).toBe(false)
    }
    expect(await member.download(id)).toMatchObject({ status: 200, md5: md5(bytes) })
  })
})
