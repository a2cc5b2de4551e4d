import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { barText } from '../progress.ts'
import { type FakeService, startFakeService } from '../testing/fake-service.ts'
import { type RunOptions, runCli, tokenEnv } from '../testing/run-cli.ts'

const BYTES = Buffer.from(Array.from({ length: 100_000 }, (_, at) => at % 251))

let service: FakeService
let folder: string
let file: string
beforeEach(async () => {
  service = await startFakeService()
  service.add({ id: 'i1' }, BYTES)
  folder = await mkdtemp(join(tmpdir(), 'glance-cli-'))
  file = join(folder, 'disk.img')
})
afterEach(async () => {
  await service.close()
  await rm(folder, { recursive: true })
})
const download = (argv: string[], options: RunOptions = {}) =>
  runCli(['image-download', ...argv], { ...options, env: { ...tokenEnv(service), ...options.env } })
const set = (properties: Record<string, unknown>) =>
  Object.assign(service.images.get('i1')?.properties ?? {}, properties)

describe('image-download', () => {
  it('writes the bytes to standard output', async () => {
    const { code, stdoutBytes, stderr } = await download(['i1'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdoutBytes.equals(BYTES)).toBe(true)
  })

  it('saves a file in silence, or with a bar on a terminal', async () => {
    expect(await download(['i1', '--file', file])).toMatchObject({ code: 0, stdout: '', stderr: '' })
    expect((await readFile(file)).equals(BYTES)).toBe(true)
    const { stdout } = await download(['i1', '--file', file, '--progress'], { tty: true })
    expect(stdout.startsWith(`\r${barText(0)}`)).toBe(true)
    expect(stdout.endsWith(`\r${barText(1)}\n`)).toBe(true)
  })

  it('refuses a terminal', async () => {
    const result = await download(['i1'], { tty: true })
    expect(result).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^No redirection or local file/),
    })
    expect(service.seen).toHaveLength(0)
  })

  it('leaves nothing behind when the hash differs', async () => {
    set({ os_hash_value: 'ab'.repeat(64) })
    const { code, stderr } = await download(['i1', '--file', file])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^Corrupt image download\. Hash was [0-9a-f]{128} expected (ab){64}\n$/)
    expect(await readdir(folder)).toEqual([])
  })

  it('checks MD5 where there is no hash, and keeps the earlier file on a mismatch', async () => {
    set({ os_hash_algo: null, os_hash_value: null })
    expect(await download(['i1', '--file', file])).toMatchObject({ code: 0 })
    set({ checksum: '0'.repeat(32) })
    await writeFile(file, 'old')
    expect((await download(['i1', '--file', file])).stderr).toMatch(/^Corrupt image download\. Checksum was /)
    expect(await readFile(file, 'utf8')).toBe('old')
  })

  it('checks the Content-MD5 header where the image states nothing', async () => {
    set({ os_hash_value: null, checksum: null })
    service.override = ({ url }, response) => {
      if (url.endsWith('/file')) response.writeHead(200, { 'Content-MD5': '0'.repeat(32) }).end('x')
      return url.endsWith('/file')
    }
    expect((await download(['i1'])).code).toBe(1)
  })

  it('needs leave to fall back from an unknown hash to MD5', async () => {
    set({ os_hash_algo: 'crc128' })
    expect(await download(['i1'])).toMatchObject({ code: 1, stdout: '', stderr: 'unsupported hash type crc128\n' })
    expect(await download(['i1', '--allow-md5-fallback'])).toMatchObject({ code: 0 })
    expect(await download(['i1'], { env: { OS_IMAGE_ALLOW_MD5_FALLBACK: '1' } })).toMatchObject({ code: 0 })
  })

  it('leaves nothing behind when the connection breaks', async () => {
    service.override = ({ url }, response) => {
      if (!url.endsWith('/file')) return false
      response.writeHead(200, { 'Content-Length': BYTES.length })
      response.write(BYTES.subarray(0, 70_000), () => response.destroy())
      return true
    }
    const { code, stderr } = await download(['i1', '--file', file])
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^The server broke off the download: /) })
    expect(await readdir(folder)).toEqual([])
  })

  it('leaves nothing behind when interrupted', async () => {
    const stop = new AbortController()
    service.override = ({ url }, response) => {
      if (!url.endsWith('/file')) return false
      response.writeHead(200, { 'Content-Length': BYTES.length })
      response.write(BYTES.subarray(0, 70_000), () => setTimeout(() => stop.abort('SIGINT'), 50))
      return true
    }
    expect(await download(['i1', '--file', file], { signal: stop.signal })).toMatchObject({ code: 130 })
    expect(await readdir(folder)).toEqual([])
  })

  it('asks for stores in order of preference', async () => {
    await download(['i1', '--prefer', 'fast,cheap'])
    expect(service.seen.at(-1)?.url).toBe('/v2/images/i1/file?prefer=fast%2Ccheap')
  })

  it('tells an image without data from no image', async () => {
    service.add({ id: 'empty' })
    expect((await download(['empty'])).stderr).toBe('Image empty has no data.\n')
    expect((await download(['nope'])).stderr).toBe(
      "Unable to download image 'nope'. (HTTP 404 Not Found: Failed to find image nope)\n",
    )
  })

  it('says which file it cannot write', async () => {
    expect((await download(['i1', '--file', join(folder, 'no', 'such')])).stderr).toMatch(/^Unable to write file /)
  })
})
