import { createReadStream } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { md5OfFile, sha512OfFile } from '../support/digest.ts'
import type { ImageSpec } from '../support/images.ts'
import { makeTempDir, removeDir } from '../support/temp-dir.ts'
import { images, onEachTarget } from './target.ts'

const MIB = 1 << 20
const SIZE = 6 * MIB

const ACCEPTED: Readonly<Record<string, ImageSpec>> = {
  'qcow2 v3': { format: 'qcow2', size: SIZE, content: 'random' },
  'qcow2 v2': { format: 'qcow2', size: SIZE, content: 'sparse', version: 2 },
  'qcow2 compressed': { format: 'qcow2', size: SIZE, content: 'sparse', compressed: true },
  raw: { format: 'raw', size: SIZE, content: 'random' },
  'vmdk streamOptimized': { format: 'vmdk', size: SIZE, content: 'sparse', subformat: 'streamOptimized' },
  'vmdk monolithicSparse': { format: 'vmdk', size: SIZE, content: 'random', subformat: 'monolithicSparse' },
  'vhd dynamic': { format: 'vhd', size: SIZE, content: 'random' },
  'vhdx dynamic': { format: 'vhdx', size: SIZE, content: 'sparse' },
  vdi: { format: 'vdi', size: SIZE, content: 'random' },
  iso: { format: 'iso', size: SIZE },
}

/** What is sent, and as what. Each reaches other files, is not of its format, or is not whole. */
const REFUSED: Readonly<Record<string, { readonly disk_format: string; readonly make: () => Promise<Buffer> }>> = {
  'a qcow2 that names a backing file': {
    disk_format: 'qcow2',
    make: () => bytesOf({ format: 'qcow2-with-backing-file', size: SIZE, backingFile: '/etc/passwd' }),
  },
  'random bytes as qcow2': {
    disk_format: 'qcow2',
    make: () => bytesOf({ format: 'raw', size: SIZE, content: 'random' }),
  },
  'a vdi as vmdk': { disk_format: 'vmdk', make: () => bytesOf({ format: 'vdi', size: SIZE, content: 'random' }) },
  'a qcow2 as iso': { disk_format: 'iso', make: () => bytesOf({ format: 'qcow2', size: SIZE, content: 'random' }) },
  'the descriptor of a vmdk that lies in several files': {
    disk_format: 'vmdk',
    make: () => bytesOf({ format: 'vmdk', size: SIZE, content: 'sparse', subformat: 'monolithicFlat' }),
  },
  'the first 40 bytes of a qcow2': {
    disk_format: 'qcow2',
    make: async () => (await bytesOf({ format: 'qcow2', size: SIZE, content: 'random' })).subarray(0, 40),
  },
  'nothing as qcow2': { disk_format: 'qcow2', make: async () => Buffer.alloc(0) },
}

async function bytesOf(spec: ImageSpec): Promise<Buffer> {
  return readFile((await images().build(spec)).path)
}

onEachTarget((target) => {
  describe.each(Object.entries(ACCEPTED))('%s', (_name, spec) => {
    it.each(['with a Content-Length', 'chunked'])('is stored %s and comes back byte for byte', async (how) => {
      const member = await target.as('member')
      const { path, bytes } = await images().build(spec)
      const { id } = await member.create({ disk_format: spec.format })
      const length = how === 'chunked' ? {} : { 'Content-Length': String(bytes) }
      const reply = await member.upload(id, createReadStream(path), length)
      expect({ status: reply.status, text: reply.text }).toEqual({ status: 204, text: '' })
      const [md5, sha512] = [await md5OfFile(path), await sha512OfFile(path)]
      expect(await member.show(id)).toMatchObject({
        status: 'active',
        size: bytes,
        // The disk inside; an ISO is as large as it is.
        virtual_size: spec.format === 'iso' ? bytes : spec.size,
        checksum: md5,
        os_hash_algo: 'sha512',
        os_hash_value: sha512,
        stores: 'main',
      })
      const got = await member.download(id)
      expect(got).toMatchObject({ status: 200, complete: true, bytes, md5, sha512 })
      expect(got.headers).toMatchObject({
        'content-type': 'application/octet-stream',
        'content-length': String(bytes),
        'content-md5': md5,
      })
      await target.untilOnlyFilesOf([id])
      await member.delete(id)
      await target.untilOnlyFilesOf([])
    })
  })

  describe.each(Object.entries(REFUSED))('%s', (_name, { disk_format, make }) => {
    it('is refused with 415, leaves nothing, and the next right PUT works', async () => {
      const member = await target.as('member')
      const { id } = await member.create({ disk_format })
      const refused = await member.upload(id, await make())
      expect(refused.status).toBe(415)
      expect(JSON.parse(refused.text).message).not.toBe('')
      expect(await member.show(id)).toMatchObject({
        status: 'queued',
        size: null,
        virtual_size: null,
        checksum: null,
        os_hash_algo: null,
        os_hash_value: null,
      })
      expect(await member.show(id)).not.toHaveProperty('stores')
      expect(await member.download(id)).toMatchObject({ status: 204, bytes: 0 })
      await target.untilOnlyFilesOf([])

      const right = await images().build(rightImage(disk_format))
      expect((await member.upload(id, createReadStream(right.path))).status).toBe(204)
      expect(await member.show(id)).toMatchObject({ status: 'active', size: right.bytes })
      expect((await member.download(id)).sha512).toBe(await sha512OfFile(right.path))
      await member.delete(id)
    })
  })

  it('a disk whose boot sector points outside itself is refused whatever format is claimed', async () => {
    const dir = makeTempDir('mbr')
    onTestFinished(() => removeDir(dir))
    const disk = await bytesOf({ format: 'raw', size: MIB, content: 'random' })
    // One GPT-protective partition (0xEE) that starts at another sector than 1.
    disk.fill(0, 446, 512)
    disk.set([0x00, 0, 2, 0, 0xee, 0xff, 0xff, 0xff, 9, 0, 0, 0, 0xff, 0xff, 0xff, 0xff], 446)
    disk.set([0x55, 0xaa], 510)
    await writeFile(join(dir, 'disk.raw'), disk)
    const member = await target.as('member')
    const { id } = await member.create({ disk_format: 'raw' })
    expect((await member.upload(id, createReadStream(join(dir, 'disk.raw')))).status).toBe(415)
    expect(await member.show(id)).toMatchObject({ status: 'queued', size: null })
    await member.delete(id)
  })
})

function rightImage(format: string): ImageSpec {
  if (format === 'iso') return { format: 'iso', size: SIZE }
  if (format === 'vmdk') return { format: 'vmdk', size: SIZE, content: 'random', subformat: 'monolithicSparse' }
  return { format: 'qcow2', size: SIZE, content: 'random' }
}
