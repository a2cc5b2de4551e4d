import { execFile } from 'node:child_process'
import { existsSync, openSync, readSync, statSync } from 'node:fs'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { md5OfFile, sha512OfFile } from './digest.ts'
import { type ImageCache, type ImageSpec, openImageCache } from './images.ts'

const run = promisify(execFile)
const MIB = 1 << 20
const disk = { size: 4 * MIB, content: 'random' } as const

let cache: ImageCache
beforeAll(() => {
  cache = openImageCache()
})
afterAll(() => {
  cache.close()
  expect(existsSync(cache.dir)).toBe(false)
})

describe('image builders', () => {
  const cases: [ImageSpec, string, Record<string, unknown>][] = [
    [{ format: 'raw', ...disk }, 'raw', {}],
    [{ format: 'qcow2', version: 2, ...disk }, 'qcow2', { compat: '0.10' }],
    [{ format: 'qcow2', version: 3, ...disk }, 'qcow2', { compat: '1.1' }],
    [{ format: 'qcow2', version: 3, compressed: true, ...disk }, 'qcow2', { 'compression-type': 'zlib' }],
    [{ format: 'vmdk', subformat: 'streamOptimized', ...disk }, 'vmdk', { 'create-type': 'streamOptimized' }],
    [{ format: 'vmdk', subformat: 'monolithicSparse', ...disk }, 'vmdk', { 'create-type': 'monolithicSparse' }],
    [{ format: 'vmdk', subformat: 'monolithicFlat', ...disk }, 'vmdk', { 'create-type': 'monolithicFlat' }],
    [{ format: 'vhd', ...disk }, 'vpc', {}],
    [{ format: 'vhdx', ...disk }, 'vhdx', {}],
    [{ format: 'vdi', ...disk }, 'vdi', {}],
  ]
  it.each(cases)('%o is what qemu-img calls %s', async (spec, format, details) => {
    const image = await cache.build(spec)
    expect(image.bytes).toBe(statSync(image.path).size)
    const { stdout } = await run('qemu-img', ['info', '--output=json', image.path])
    const info = JSON.parse(stdout)
    expect(info.format).toBe(format)
    expect(info['virtual-size']).toBe(disk.size)
    expect(info['format-specific']?.data ?? {}).toMatchObject(details)
    const raw = await cache.build({ format: 'raw', ...disk })
    await expect(run('qemu-img', ['compare', '-f', 'raw', '-F', format, raw.path, image.path])).resolves.toBeDefined()
  })

  it('makes an ISO 9660 image', async () => {
    const iso = await cache.build({ format: 'iso', size: 100_000 })
    const header = Buffer.alloc(5)
    readSync(openSync(iso.path, 'r'), header, 0, 5, 32_769)
    expect(header.toString('latin1')).toBe('CD001')
  })

  it('names a backing file that is never opened', async () => {
    const image = await cache.build({ format: 'qcow2-with-backing-file', size: MIB, backingFile: '/no/such/file' })
    const { stdout } = await run('qemu-img', ['info', '--output=json', image.path])
    expect(JSON.parse(stdout)['backing-filename']).toBe('/no/such/file')
  })

  it('makes 2 GiB that take almost no disk, and builds each spec once', async () => {
    const spec: ImageSpec = { format: 'raw', size: 2048 * MIB, content: 'sparse' }
    const [first, second] = await Promise.all([cache.build(spec), cache.build(spec)])
    expect(second).toBe(first)
    expect(first.bytes).toBe(2048 * MIB)
    expect(statSync(first.path).blocks * 512).toBeLessThan(4 * MIB)
  })

  it('lets two processes share a directory', async () => {
    const other = openImageCache(cache.dir)
    const spec: ImageSpec = { format: 'qcow2', size: MIB, content: 'random' }
    const [mine, theirs] = await Promise.all([cache.build(spec), other.build(spec)])
    expect(theirs).toEqual(mine)
    other.close()
    expect(existsSync(mine.path)).toBe(true)
  })
})

it('hashes files as the system tools do', async () => {
  const { path } = await cache.build({ format: 'raw', size: 3 * MIB + 512, content: 'random' })
  expect((await run('sha512sum', [path])).stdout.split(' ')[0]).toBe(await sha512OfFile(path))
  expect((await run('md5sum', [path])).stdout.split(' ')[0]).toBe(await md5OfFile(path))
})
