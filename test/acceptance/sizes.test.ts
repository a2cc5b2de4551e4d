import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runOwnGlance, runPythonGlance } from '../support/clients.ts'
import { md5OfFile, sha512OfFile } from '../support/digest.ts'
import { processStat, rssBytesOf } from '../support/proc.ts'
import { makeTempDir, removeDir } from '../support/temp-dir.ts'
import { images, onEachTarget } from './target.ts'

const MIB = 1 << 20
const GIB = 1 << 30

let dir = ''
beforeAll(() => {
  dir = makeTempDir('sizes')
})
afterAll(() => removeDir(dir))

onEachTarget((target) => {
  it('no byte at all is a raw image of size 0', async () => {
    const member = await target.as('member')
    const image = await member.createWithData('')
    expect(image).toMatchObject({ status: 'active', size: 0, checksum: 'd41d8cd98f00b204e9800998ecf8427e' })
    expect(await member.download(image.id)).toMatchObject({ status: 200, bytes: 0, complete: true })
    await member.delete(image.id)
  })

  it.each([1, 4095, 65_536, 1_048_577])('%i bytes are stored exactly', async (size) => {
    const member = await target.as('member')
    const bytes = Buffer.alloc(size, 'abc')
    const image = await member.createWithData(bytes)
    expect(image).toMatchObject({ status: 'active', size, virtual_size: size })
    expect(await member.download(image.id)).toMatchObject({ status: 200, bytes: size, md5: image.checksum as string })
    await member.delete(image.id)
  })

  it.each(['with a Content-Length', 'chunked'])('64 MiB of random bytes %s', async (how) => {
    const member = await target.as('member')
    const { path, bytes } = await images().build({ format: 'raw', size: 64 * MIB, content: 'random' })
    const { id } = await member.create()
    const headers = how === 'chunked' ? {} : { 'Content-Length': String(bytes) }
    expect((await member.upload(id, createReadStream(path, { highWaterMark: MIB }), headers)).status).toBe(204)
    expect(await member.show(id)).toMatchObject({ size: bytes, checksum: await md5OfFile(path) })
    expect(await member.download(id)).toMatchObject({ complete: true, sha512: await sha512OfFile(path) })
    await member.delete(id)
  })

  it('2 GiB go through the clients and come back, and no process holds them in memory', {
    timeout: 240_000,
  }, async () => {
    const member = await target.as('member')
    const { path, bytes } = await images().build({ format: 'raw', size: 2 * GIB, content: 'sparse' })
    const { id } = await member.create({ name: 'two gibibytes' })
    const env = target.env('member')
    const up = await runPythonGlance(['image-upload', id, '--file', path], { env, timeoutMs: 120_000 })
    expect(up).toEqual({ code: 0, stdout: '', stderr: '' })
    const pids = Object.values(target.facts.processes).map(({ pid }) => pid)
    const largest = Math.max(...pids.filter((pid) => processStat(pid) !== undefined).map(rssBytesOf))
    expect(largest / MIB).toBeLessThan(700)
    const sha512 = await sha512OfFile(path)
    expect(await member.show(id)).toMatchObject({ status: 'active', size: bytes, os_hash_value: sha512 })
    const saved = join(dir, id)
    const down = await runOwnGlance(['image-download', id, '--file', saved], { env, timeoutMs: 120_000 })
    expect(down).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(await sha512OfFile(saved)).toBe(sha512)
    await rm(saved)
    await member.delete(id)
  })
})
