import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { barText } from '../progress.ts'
import { refuse } from '../testing/fake-answers.ts'
import { type FakeService, startFakeService } from '../testing/fake-service.ts'
import { type RunOptions, runCli, tokenEnv } from '../testing/run-cli.ts'

let service: FakeService
let folder: string
let file: string
beforeEach(async () => {
  service = await startFakeService()
  service.add({ id: 'i1' })
  folder = await mkdtemp(join(tmpdir(), 'glance-cli-'))
  file = join(folder, 'disk.img')
  await writeFile(file, 'hello')
})
afterEach(async () => {
  await service.close()
  await rm(folder, { recursive: true })
})
const upload = (argv: string[], options: RunOptions = {}) =>
  runCli(['image-upload', 'i1', ...argv], { ...options, env: { ...tokenEnv(service), ...options.env } })
const put = () => service.seen.find(({ method }) => method === 'PUT')

describe('image-upload', () => {
  it('streams a file in chunks and announces its size', async () => {
    expect(await upload(['--file', file])).toMatchObject({ code: 0, stdout: '', stderr: '' })
    expect(put()?.body.toString()).toBe('hello')
    expect(put()?.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'transfer-encoding': 'chunked',
      'x-openstack-image-size': '5',
      accept: '*/*',
    })
  })

  it('reads standard input, with the size the user states', async () => {
    await upload(['--size', '3'], { input: 'abc' })
    expect(put()?.body.toString()).toBe('abc')
    expect(put()?.headers['x-openstack-image-size']).toBe('3')
  })

  it('draws progress on a terminal only', async () => {
    expect((await upload(['--file', file, '--progress'], { tty: true })).stdout).toBe(
      `\r${barText(0)}\r${barText(1)}\n`,
    )
    expect((await upload(['--file', file, '--progress'])).stdout).toBe('')
    expect(service.images.get('i1')?.data?.toString()).toBe('hello')
  })

  it('names the store, once it is known to exist', async () => {
    service.stores.push('fast')
    expect(await upload(['--file', file, '--store', 'fast'])).toMatchObject({ code: 0 })
    expect(put()?.headers['x-image-meta-store']).toBe('fast')
    expect(await upload(['--file', file], { env: { OS_IMAGE_STORE: 'slow' } })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^Store 'slow' is not valid for this cloud\./),
    })
  })

  it('names the store untested where the service has no list of them', async () => {
    await upload(['--file', file, '--store', 'any'])
    expect(put()?.headers['x-image-meta-store']).toBe('any')
  })

  it.each([
    [[], 'No image data: name a file with --file or redirect standard input.'],
    [['--file', '/no/such'], 'File /no/such does not exist or user does not have read privileges to it'],
    [['--file', '/'], 'File / is a directory'],
  ])('%j is refused before anything is sent', async (argv, why) => {
    expect(await upload(argv)).toMatchObject({ code: 1, stderr: `${why}\n` })
    expect(service.seen).toHaveLength(0)
  })

  it('shows the refusal of a service that does not wait for the end', async () => {
    service.override = (_request, response) => {
      response.setHeader('Connection', 'close')
      refuse(response, 413, 'Request Entity Too Large', 'Too big.')
      return true
    }
    const result = await upload([], { input: Buffer.alloc(8 * 1024 * 1024) })
    expect(result).toMatchObject({ code: 1, stderr: 'HTTP 413 Request Entity Too Large: Too big.\n' })
  })
})
