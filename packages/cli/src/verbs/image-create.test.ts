import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { refuse } from '../testing/fake-answers.ts'
import { type FakeService, startFakeService } from '../testing/fake-service.ts'
import { type RunOptions, runCli, tokenEnv } from '../testing/run-cli.ts'

let service: FakeService
let folder: string
let file: string
beforeEach(async () => {
  service = await startFakeService()
  folder = await mkdtemp(join(tmpdir(), 'glance-cli-'))
  file = join(folder, 'disk.img')
  await writeFile(file, 'hello')
})
afterEach(async () => {
  await service.close()
  await rm(folder, { recursive: true })
})
const create = (argv: string[], options: RunOptions = {}) =>
  runCli(['image-create', ...argv], { ...options, env: tokenEnv(service) })
const calls = () => service.seen.map(({ method, url }) => `${method} ${url}`)
const FORMATS = ['--disk-format', 'raw', '--container-format', 'bare']

describe('image-create', () => {
  it('sends exactly the properties given', async () => {
    const { code, stdout } = await create([
      ...['--id', 'i1', '--name', 'n', '--visibility', 'private', '--protected', 'true', '--hidden', 'False'],
      ...['--owner', 'p', '--tags', 'x', '--tags', 'a', 'b', '--min-disk', '1', '--min-ram', '2'],
      ...['--architecture', 'x86_64', '--os-distro', 'd', '--os-version', '1', '--kernel-id', 'k', '--ramdisk-id', 'r'],
      ...['--instance-uuid', 'u', '--property', 'k=v', '--property', 'empty=', '--property', 'os_version=2'],
      ...FORMATS,
    ])
    expect(code).toBe(0)
    expect(JSON.parse(service.seen[0]?.body.toString() ?? '')).toEqual({
      id: 'i1',
      name: 'n',
      visibility: 'private',
      protected: true,
      os_hidden: false,
      owner: 'p',
      tags: ['a', 'b'],
      disk_format: 'raw',
      container_format: 'bare',
      min_disk: 1,
      min_ram: 2,
      architecture: 'x86_64',
      os_distro: 'd',
      os_version: '2',
      kernel_id: 'k',
      ramdisk_id: 'r',
      instance_uuid: 'u',
      k: 'v',
      empty: '',
    })
    expect(calls()).toEqual(['POST /v2/images'])
    expect(stdout).toMatch(/\| status +\| queued /)
  })

  it('uploads a file and prints the image as it is then', async () => {
    const { code, stdout } = await create(['--id', 'i1', '--file', file, ...FORMATS])
    expect(code).toBe(0)
    expect(calls()).toEqual(['POST /v2/images', 'PUT /v2/images/i1/file', 'GET /v2/images/i1'])
    expect(service.images.get('i1')?.data?.toString()).toBe('hello')
    expect(stdout).toMatch(/\| status +\| active /)
  })

  it('uploads standard input when something is redirected there', async () => {
    await create(['--id', 'i1', ...FORMATS], { input: 'piped' })
    expect(service.images.get('i1')?.data?.toString()).toBe('piped')
  })

  it('prefers the file to standard input', async () => {
    await create(['--id', 'i1', '--file', file, ...FORMATS], { input: 'piped' })
    expect(service.images.get('i1')?.data?.toString()).toBe('hello')
  })

  it('sends data to the store named', async () => {
    service.stores.push('fast')
    await create(['--id', 'i1', '--file', file, '--store', 'fast', ...FORMATS])
    expect(service.seen.find(({ method }) => method === 'PUT')?.headers['x-image-meta-store']).toBe('fast')
  })

  it('tells of the failed upload, then shows the image left queued', async () => {
    service.override = ({ method }, response) => {
      if (method === 'PUT') refuse(response, 415, 'Unsupported Media Type', 'Not a qcow2.')
      return method === 'PUT'
    }
    const { code, stdout, stderr } = await create(['--id', 'i1', '--file', file, ...FORMATS])
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'HTTP 415 Unsupported Media Type: Not a qcow2.\n' })
    expect(stdout).toMatch(/\| id +\| i1 /)
    expect(stdout).toMatch(/\| status +\| queued /)
  })

  it.each([
    [['--file', '/x'], undefined, 'error: Must provide --disk-format, --container-format when using --file.'],
    [['--file', '/x', '--disk-format', 'raw'], undefined, 'error: Must provide --container-format when using --file.'],
    [[], 'data', 'error: Must provide --disk-format, --container-format when using stdin.'],
    [['--store', 's'], undefined, '--store option should only be provided with --file option or stdin.'],
    [
      ['--file', '/no/such', ...FORMATS],
      undefined,
      'File /no/such does not exist or user does not have read privileges to it',
    ],
    [['--property', '=v'], undefined, "error: argument --property: expected key=value, got '=v'"],
  ])('%j with input %j is refused before anything is sent', async (argv, input, why) => {
    expect(await create(argv, input === undefined ? {} : { input })).toMatchObject({
      code: 1,
      stdout: '',
      stderr: `${why}\n`,
    })
    expect(service.seen).toHaveLength(0)
  })
})
