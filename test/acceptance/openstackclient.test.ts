import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type ClientOptions, runOpenstack } from '../support/clients.ts'
import { md5OfFile, sha512OfFile } from '../support/digest.ts'
import type { BuiltImage } from '../support/images.ts'
import { makeTempDir, removeDir } from '../support/temp-dir.ts'
import { DISK_FORMATS } from './disk-formats.ts'
import { images, onEachTarget } from './target.ts'
import { onTerminal } from './terminal.ts'

const MIB = 1 << 20

let dir = ''
let disk: BuiltImage
beforeAll(async () => {
  dir = makeTempDir('openstackclient')
  disk = await images().build({ format: 'qcow2', size: 8 * MIB, content: 'random', compressed: true })
})
afterAll(() => removeDir(dir))

onEachTarget((target) => {
  const openstack = async (args: readonly string[], options: Partial<ClientOptions> = {}): Promise<string> => {
    const { code, stdout, stderr } = await runOpenstack(args, { env: target.env('member'), ...options })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    return stdout
  }
  const json = async (...args: string[]) => JSON.parse(await openstack([...args, '-f', 'json']))
  // On a terminal: this client takes whatever else it finds on standard input for image data.
  const create = async (name: string, ...args: string[]) => {
    const form = ['--disk-format', 'qcow2', '--container-format', 'bare', '-f', 'json']
    return JSON.parse(await onTerminal(['openstack', 'image', 'create', name, ...form, ...args], target.env('member')))
  }
  const names = async (...args: string[]): Promise<string[]> =>
    (await json('image', 'list', ...args)).map((image: { Name: string }) => image.Name)

  it('image create --file stores it, show tells all of it, save gives the same bytes back', async () => {
    const words = [
      '--property',
      'os_distro=debian',
      '--tag',
      'stable',
      '--private',
      '--min-disk',
      '2',
      '--min-ram',
      '64',
    ]
    const made = await create('debian 13', ...words, '--file', disk.path)
    const shown = await json('image', 'show', 'debian 13')
    expect(shown).toMatchObject({
      id: made.id,
      name: 'debian 13',
      status: 'active',
      size: disk.bytes,
      virtual_size: 8 * MIB,
      checksum: await md5OfFile(disk.path),
      visibility: 'private',
      min_disk: 2,
      min_ram: 64,
      tags: ['stable'],
      owner: target.facts.accounts.member.projectId,
    })
    expect(shown.properties).toMatchObject({
      os_distro: 'debian',
      os_hash_algo: 'sha512',
      os_hash_value: await sha512OfFile(disk.path),
      os_hidden: false,
    })
    const saved = join(dir, `${made.id}.saved`)
    expect(await openstack(['image', 'save', '--file', saved, made.id])).toBe('')
    expect(await sha512OfFile(saved)).toBe(await sha512OfFile(disk.path))
    expect(await openstack(['image', 'delete', 'debian 13'])).toBe('')
    const gone = await runOpenstack(['image', 'show', made.id], { env: target.env('member') })
    expect(gone).toMatchObject({ code: 1, stdout: '' })
    expect(gone.stderr).toContain(`No Image found for ${made.id}`)
  })

  it.each(DISK_FORMATS)('image create --file takes $format', async (spec) => {
    const { path, bytes } = await images().build(spec)
    const form = ['--disk-format', spec.format, '--container-format', 'bare', '--file', path]
    const made = await json('image', 'create', spec.format, ...form)
    expect(made).toMatchObject({ disk_format: spec.format })
    const member = await target.as('member')
    expect(await member.show(made.id)).toMatchObject({ status: 'active', size: bytes, checksum: await md5OfFile(path) })
    await member.delete(made.id)
  })

  it('image create takes its data from a pipe', async () => {
    const args = ['image', 'create', 'from a pipe', '--disk-format', 'qcow2', '-f', 'json']
    const made = JSON.parse(await openstack(args, { input: { file: disk.path } }))
    expect(await json('image', 'show', made.id)).toMatchObject({ status: 'active', size: disk.bytes })
    await openstack(['image', 'delete', made.id])
  })

  it('image set and unset change fields, properties and tags', async () => {
    const { id } = await create('before', '--property', 'a=1', '--property', 'b=2', '--tag', 'x', '--tag', 'y')
    const words = [
      '--name',
      'after',
      '--property',
      'a=3',
      '--tag',
      'z',
      '--min-disk',
      '7',
      '--protected',
      '--community',
    ]
    const refused = await runOpenstack(['image', 'set', '--public', id], { env: target.env('member') })
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('403')
    await openstack(['image', 'set', ...words, id])
    await openstack(['image', 'unset', '--property', 'b', '--tag', 'x', id])
    const image = await json('image', 'show', id)
    expect(image).toMatchObject({ name: 'after', min_disk: 7, protected: true, visibility: 'community' })
    expect(image.properties.a).toBe('3')
    expect(image.properties).not.toHaveProperty('b')
    expect(image.tags.toSorted()).toEqual(['y', 'z'])
    const missing = await runOpenstack(['image', 'unset', '--tag', 'no such tag', id], { env: target.env('member') })
    expect(missing.code).toBe(1)
    await openstack(['image', 'set', '--unprotected', id])
    await openstack(['image', 'delete', id])
  })

  it('image list finds by every filter, in order and over pages', async () => {
    const first = await create('list b', '--tag', 'red', '--property', 'colour=red', '--private')
    const second = await create(
      'list a',
      '--tag',
      'red',
      '--tag',
      'big',
      '--property',
      'colour=blue',
      '--file',
      disk.path,
    )
    expect(await names()).toEqual(['list a', 'list b'])
    expect(await names('--sort', 'name:desc')).toEqual(['list b', 'list a'])
    expect(await names('--page-size', '1', '--sort', 'name:asc')).toEqual(['list a', 'list b'])
    expect(await names('--limit', '1', '--sort', 'name:asc')).toEqual(['list a'])
    expect(await names('--marker', second.id, '--sort', 'name:asc')).toEqual(['list b'])
    expect(await names('--tag', 'red', '--tag', 'big')).toEqual(['list a'])
    expect(await names('--property', 'colour=red')).toEqual(['list b'])
    expect(await names('--name', 'list a')).toEqual(['list a'])
    expect(await names('--status', 'queued')).toEqual(['list b'])
    expect(await names('--private')).toEqual(['list b'])
    expect(await names('--public')).toEqual([])
    expect(await names('--hidden')).toEqual([])
    const [long] = await json('image', 'list', '--long', '--name', 'list a')
    expect(long).toMatchObject({ ID: second.id, Size: disk.bytes, Status: 'active', 'Disk Format': 'qcow2' })
    await openstack(['image', 'delete', first.id, second.id])
  })

  it('image create with refused data says so and leaves no image', async () => {
    const raw = await images().build({ format: 'raw', size: MIB, content: 'random' })
    const args = ['image', 'create', 'refused', '--disk-format', 'qcow2', '--file', raw.path]
    const refused = await runOpenstack(args, { env: target.env('member') })
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('415')
    expect(await names('--name', 'refused')).toEqual([])
    await target.untilOnlyFilesOf([])
  })
})
