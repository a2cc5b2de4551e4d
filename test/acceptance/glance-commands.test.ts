import { statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ClientOptions, type ClientResult, runOwnGlance, runPythonGlance } from '../support/clients.ts'
import { md5OfFile, sha512OfFile } from '../support/digest.ts'
import type { BuiltImage } from '../support/images.ts'
import { ROOT } from '../support/service-process.ts'
import { makeTempDir, removeDir } from '../support/temp-dir.ts'
import { DISK_FORMATS } from './disk-formats.ts'
import { tableObjects, tableProperties } from './table.ts'
import { images, onEachTarget, type Target } from './target.ts'
import { onTerminal } from './terminal.ts'

const MIB = 1 << 20

type Run = (args: readonly string[], options: ClientOptions) => Promise<ClientResult>

/** Both programs called `glance` take the same commands. */
const CLIENTS: readonly (readonly [string, Run, readonly string[]])[] = [
  ['python-glanceclient', runPythonGlance, ['/usr/bin/glance']],
  ['our own', runOwnGlance, [process.execPath, join(ROOT, 'packages/cli/bin/glance.mjs')]],
]

let dir = ''
let disk: BuiltImage
beforeAll(async () => {
  dir = makeTempDir('glance-commands')
  disk = await images().build({ format: 'qcow2', size: 8 * MIB, content: 'random' })
})
afterAll(() => removeDir(dir))

onEachTarget((target) => {
  describe.each(CLIENTS)('glance of %s', (_name, run, program) => {
    const glance = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await run(args, { env: target.env('member'), input: null })
      expect(stderr).toBe('')
      expect(code).toBe(0)
      return stdout
    }
    const create = async (...args: string[]): Promise<string> => {
      const formats = ['--disk-format', 'qcow2', '--container-format', 'bare']
      return tableProperties(await glance('image-create', ...formats, ...args)).id ?? ''
    }

    it('image-create --file stores the image and shows all of it; image-show shows the same', async () => {
      const formats = ['--disk-format', 'qcow2', '--container-format', 'bare', '--min-ram', '64', '--min-disk', '1']
      const words = [
        '--name',
        'first image',
        '--property',
        'hw_arch=x86 64',
        '--tags',
        'blue',
        '--visibility',
        'private',
      ]
      const printed = await glance('image-create', ...words, ...formats, '--file', disk.path)
      const image = tableProperties(printed)
      expect(image).toMatchObject({
        name: 'first image',
        status: 'active',
        size: String(disk.bytes),
        virtual_size: String(8 * MIB),
        checksum: await md5OfFile(disk.path),
        os_hash_algo: 'sha512',
        disk_format: 'qcow2',
        container_format: 'bare',
        min_ram: '64',
        min_disk: '1',
        hw_arch: 'x86 64',
        tags: '["blue"]',
        visibility: 'private',
        protected: 'False',
        owner: target.facts.accounts.member.projectId,
      })
      // The cell is cut into two lines where a program keeps to a width.
      expect(printed.replaceAll(/[\s|]/g, '')).toContain(await sha512OfFile(disk.path))
      expect(tableProperties(await glance('image-show', image.id ?? ''))).toEqual(image)
      await glance('image-delete', image.id ?? '')
    })

    it.each(DISK_FORMATS)('image-create --file takes $format, and image-download gives it back', async (spec) => {
      const { path, bytes } = await images().build(spec)
      const formats = ['--disk-format', spec.format, '--container-format', 'bare']
      const made = tableProperties(await glance('image-create', '--name', spec.format, ...formats, '--file', path))
      expect(made).toMatchObject({ status: 'active', size: String(bytes), disk_format: spec.format })
      const saved = join(dir, `${made.id}.${spec.format}`)
      await glance('image-download', made.id ?? '', '--file', saved)
      expect(await sha512OfFile(saved)).toBe(await sha512OfFile(path))
      await glance('image-delete', made.id ?? '')
    })

    it('image-upload and image-download carry the same bytes, by file and by pipe', async () => {
      const id = await create('--name', 'piped')
      expect(await glance('image-upload', id, '--file', disk.path)).toBe('')
      const saved = join(dir, `${id}.saved`)
      expect(await glance('image-download', id, '--file', saved)).toBe('')
      expect(await sha512OfFile(saved)).toBe(await sha512OfFile(disk.path))

      const second = await create('--name', 'piped in')
      const fed = await run(['image-upload', second], { env: target.env('member'), input: { file: disk.path } })
      expect(fed).toEqual({ code: 0, stdout: '', stderr: '' })
      const piped = join(dir, `${second}.piped`)
      const got = await run(['image-download', second], { env: target.env('member'), outputFile: piped })
      expect(got).toEqual({ code: 0, stdout: '', stderr: '' })
      expect(await sha512OfFile(piped)).toBe(await sha512OfFile(disk.path))
      await glance('image-delete', id, second)
      await target.untilOnlyFilesOf([])
    })

    it('image-list finds by every filter, in order and over pages', async () => {
      const small = await create('--name', 'b-small', '--tags', 'red', '--property', 'colour=red')
      const big = await create('--name', 'a-big', '--property', 'colour=blue', '--file', disk.path)
      const names = async (...args: string[]): Promise<string[]> =>
        tableObjects(await glance('image-list', ...args)).map((row) => row.Name ?? '')
      expect(await names()).toEqual(['a-big', 'b-small'])
      expect(await names('--sort', 'name:desc')).toEqual(['b-small', 'a-big'])
      expect(await names('--sort-key', 'created_at', '--sort-dir', 'asc')).toEqual(['b-small', 'a-big'])
      expect(await names('--page-size', '1')).toEqual(['a-big', 'b-small'])
      expect(await names('--limit', '1')).toEqual(['a-big'])
      expect(await names('--tag', 'red')).toEqual(['b-small'])
      expect(await names('--property-filter', 'colour=blue')).toEqual(['a-big'])
      expect(await names('--checksum', await md5OfFile(disk.path))).toEqual(['a-big'])
      expect(await names('--hash', await sha512OfFile(disk.path))).toEqual(['a-big'])
      expect(await names('--owner', target.facts.accounts.stranger.projectId)).toEqual([])
      expect(await names('--visibility', 'shared')).toEqual(['a-big', 'b-small'])
      expect(await names('--hidden', 'True')).toEqual([])
      const [verbose] = tableObjects(await runVerbose(run, target))
      expect(verbose).toMatchObject({
        ID: big,
        Disk_format: 'qcow2',
        Container_format: 'bare',
        Size: String(disk.bytes),
        Status: 'active',
        Owner: target.facts.accounts.member.projectId,
      })
      await glance('image-delete', small, big)
    })

    it('image-update sets, changes and removes; tags come and go', async () => {
      const id = await create('--name', 'old', '--property', 'keep=1', '--property', 'drop=2')
      const words = ['--name', 'new', '--property', 'keep=3', '--property', 'more=4', '--remove-property', 'drop']
      const changed = tableProperties(await glance('image-update', id, ...words, '--protected', 'True'))
      expect(changed).toMatchObject({ name: 'new', keep: '3', more: '4', protected: 'True' })
      expect(changed).not.toHaveProperty('drop')
      expect(await glance('image-tag-update', id, 'green')).toContain("['green']")
      expect(tableProperties(await glance('image-show', id)).tags).toBe('["green"]')
      expect(await glance('image-tag-delete', id, 'green')).toBe('')
      expect(tableProperties(await glance('image-show', id)).tags).toBe('[]')
      const refused = await run(['image-delete', id], { env: target.env('member') })
      expect(refused.code).toBe(1)
      await glance('image-update', id, '--protected', 'False')
      expect(await glance('image-delete', id)).toBe('')
    })

    it('says why data are refused, exits with 1, and takes the right data afterwards', async () => {
      const raw = await images().build({ format: 'raw', size: MIB, content: 'random' })
      const id = await create('--name', 'not what it says')
      const refused = await run(['image-upload', id, '--file', raw.path], { env: target.env('member') })
      expect(refused).toMatchObject({ code: 1, stdout: '' })
      expect(refused.stderr).toMatch(/415/)
      expect(tableProperties(await glance('image-show', id))).toMatchObject({ status: 'queued', size: 'None' })
      await glance('image-upload', id, '--file', disk.path)
      expect(tableProperties(await glance('image-show', id)).status).toBe('active')
      await glance('image-delete', id)
    })

    it('exits with 1 and the reason for what is not there, not allowed or not known', async () => {
      const missing = await run(['image-show', '6f1d6dd4-6e0c-4fb1-9a57-000000000000'], { env: target.env('member') })
      expect(missing).toMatchObject({ code: 1, stdout: '' })
      expect(missing.stderr).toContain('404')
      const wrong = { ...target.env('member'), OS_PASSWORD: 'wrong' }
      const denied = await run(['image-list'], { env: wrong })
      expect(denied).toMatchObject({ code: 1, stdout: '' })
      expect(denied.stderr).not.toBe('')
    })

    it('--progress draws a bar up to 100% on a terminal', async () => {
      const id = await create('--name', 'watched')
      const up = await onTerminal(
        [...program, 'image-upload', id, '--progress', '--file', disk.path],
        target.env('member'),
      )
      expect(up).toMatch(/\[=+>\s*\] 100%/)
      const saved = join(dir, `${id}.watched`)
      const down = await onTerminal(
        [...program, 'image-download', id, '--progress', '--file', saved],
        target.env('member'),
      )
      expect(down).toMatch(/\[=+>\s*\] 100%/)
      expect(statSync(saved).size).toBe(disk.bytes)
      await glance('image-delete', id)
    })
  })
})

async function runVerbose(run: Run, target: Target): Promise<string> {
  return (await run(['--verbose', 'image-list'], { env: target.env('member') })).stdout
}
