import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FakeService, startFakeService } from './testing/fake-service.ts'
import { tokenEnv } from './testing/run-cli.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = join(root, 'bin', 'glance.mjs')
const FORMATS = ['--disk-format', 'raw', '--container-format', 'bare']

let service: FakeService
let folder: string

beforeAll(async () => {
  const compiler = fileURLToPath(new URL('../../../node_modules/typescript/bin/tsc', import.meta.url))
  await promisify(execFile)(process.execPath, [compiler, '-p', root])
  service = await startFakeService()
  folder = await mkdtemp(join(tmpdir(), 'glance-cli-'))
}, 120_000)
afterAll(async () => {
  await service.close()
  await rm(folder, { recursive: true })
})

interface ChildOptions {
  readonly input?: string
  readonly env?: Record<string, string>
}

/** Starts the built command; without `input` its standard input is the null device. */
function start(argv: readonly string[], options: ChildOptions = {}) {
  const child = spawn(process.execPath, [bin, ...argv], {
    env: { PATH: process.env.PATH, ...tokenEnv(service), ...options.env },
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  })
  child.stdin?.end(options.input)
  const text = { stdout: '', stderr: '' }
  child.stdout?.on('data', (part) => {
    text.stdout += String(part)
  })
  child.stderr?.on('data', (part) => {
    text.stderr += String(part)
  })
  const ended = once(child, 'close').then(([code]) => ({ code: Number(code), ...text }))
  return { child, ended }
}

const glance = (argv: readonly string[], options?: ChildOptions) => start(argv, options).ended

describe('the built command', () => {
  it('shows help and version, and ends with 0', async () => {
    expect(await glance([])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^usage: glance /), stderr: '' })
    expect(await glance(['--version'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
  })

  it('ends with 2 on wrong usage and 1 on failure', async () => {
    expect(await glance(['nope'])).toMatchObject({ code: 2, stdout: '' })
    expect(await glance(['image-show', 'nope'])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'HTTP 404 Not Found: Failed to find image nope\n',
    })
  })

  it('takes data from a pipe, and none from the null device', async () => {
    expect(await glance(['image-create', '--id', 'piped', ...FORMATS], { input: 'abc' })).toMatchObject({ code: 0 })
    expect(service.images.get('piped')?.data?.toString()).toBe('abc')
    expect(await glance(['image-create', '--id', 'queued'])).toMatchObject({ code: 0, stderr: '' })
    expect(service.images.get('queued')?.data).toBeUndefined()
  })

  it('announces the size of a redirected file, less what was read already', async () => {
    const file = join(folder, 'input')
    await writeFile(file, 'line\nrest')
    service.add({ id: 'redirected' })
    const script = '{ head -c 0; read -r first; exec "$0" "$1" image-upload redirected; } < "$2"'
    const env = { PATH: process.env.PATH, ...tokenEnv(service) }
    await promisify(execFile)('bash', ['-c', script, process.execPath, bin, file], { env })
    expect(service.images.get('redirected')?.data?.toString()).toBe('rest')
    expect(service.seen.at(-1)?.headers['x-openstack-image-size']).toBe('4')
  })

  it('lists, saves and deletes', async () => {
    service.add({ id: 'saved', name: 'n' }, Buffer.from('bytes'))
    const file = join(folder, 'saved.img')
    expect(await glance(['image-download', 'saved', '--file', file])).toMatchObject({ code: 0, stdout: '' })
    expect(await readFile(file, 'utf8')).toBe('bytes')
    expect(await glance(['image-download', 'saved'])).toMatchObject({ code: 0, stdout: 'bytes' })
    expect((await glance(['image-list'])).stdout).toContain('| saved')
    expect(await glance(['image-delete', 'saved', 'nope'])).toMatchObject({ code: 1 })
    expect(service.images.has('saved')).toBe(false)
  })

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('on %s removes what it has written and ends with %i', async (signal, code) => {
    service.add({ id: 'slow' }, Buffer.from('x'))
    const target = await mkdtemp(join(folder, 'slow-'))
    const { child, ended } = start(['image-download', 'slow', '--file', join(target, 'disk')])
    const sent = new Promise<void>((resolve) => {
      service.override = ({ url }, response) => {
        if (!url.endsWith('/slow/file')) return false
        response.writeHead(200, { 'Content-Length': 1_000_000 })
        response.write(Buffer.alloc(500_000), () => resolve())
        return true
      }
    })
    await sent
    await expect.poll(() => readdir(target)).toHaveLength(1)
    child.kill(signal)
    expect(await ended).toMatchObject({ code, stdout: '', stderr: '... terminating glance client\n' })
    expect(await readdir(target)).toEqual([])
    service.override = undefined
  })
})
