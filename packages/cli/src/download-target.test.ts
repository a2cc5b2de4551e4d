import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTarget } from './download-target.ts'
import type { Io } from './io.ts'

let folder: string
const io: Io = {
  env: {},
  stdin: { kind: 'none' },
  stdout: new PassThrough(),
  stderr: new PassThrough(),
  signal: new AbortController().signal,
  askSecret: undefined,
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'glance-cli-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function write(file: string, text: string) {
  const target = await openTarget(file, io)
  await pipeline([Buffer.from(text)], target.stream, { end: target.ends })
  return target
}

describe('openTarget', () => {
  it('shows the file under its name only once kept', async () => {
    const file = join(folder, 'disk.img')
    const target = await write(file, 'new')
    const [temporary] = await readdir(folder)
    expect(temporary).toMatch(/^\.disk\.img\.[0-9a-f]{8}\.part$/)
    await target.keep()
    expect(await readdir(folder)).toEqual(['disk.img'])
    expect(await readFile(file, 'utf8')).toBe('new')
  })

  it('leaves the earlier file as it was when discarded', async () => {
    const file = join(folder, 'disk.img')
    await writeFile(file, 'old')
    await (await write(file, 'new')).discard()
    expect(await readdir(folder)).toEqual(['disk.img'])
    expect(await readFile(file, 'utf8')).toBe('old')
  })

  it('keeps the permissions of the file it replaces, and a symbolic link to it', async () => {
    const file = join(folder, 'disk.img')
    const link = join(folder, 'link')
    await writeFile(file, 'old')
    await chmod(file, 0o640)
    await symlink(file, link)
    await (await write(link, 'new')).keep()
    expect(await readFile(file, 'utf8')).toBe('new')
    expect((await stat(file)).mode & 0o777).toBe(0o640)
    expect((await readdir(folder)).sort()).toEqual(['disk.img', 'link'])
  })

  it('writes to a device directly', async () => {
    await (await write('/dev/null', 'gone')).keep()
    expect((await stat('/dev/null')).isCharacterDevice()).toBe(true)
  })

  it('names the file it cannot write', async () => {
    await expect(openTarget(join(folder, 'no', 'such'), io)).rejects.toThrow(/^Unable to write file .*such: ENOENT/)
    await expect(openTarget(folder, io)).rejects.toThrow(`Unable to write file ${folder}: it is a directory`)
  })
})
