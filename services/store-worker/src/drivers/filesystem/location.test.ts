import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DataDir } from './datadirs.ts'
import { aliasesOf, parseName, partName, pathOf, realPathOf, urlOf } from './location.ts'
import { makeScratch } from './testing/scratch.ts'

const ID = 'b2173dd3-7ad6-4362-baa6-a68bce3565cb'
const dirOf = (path: string): DataDir => ({ path, realPath: path, priority: 0 })
const dirs = [dirOf('/var/lib/images'), dirOf('/mnt/my disk #2')]

describe('names of files', () => {
  it('tell objects from residue, and from what is not ours', () => {
    expect(parseName(ID)).toEqual({ imageId: ID })
    expect(parseName(partName(ID, 'try-1'))).toEqual({ imageId: ID, attempt: 'try-1' })
    for (const name of ['lost+found', `${ID}.bak`, `.${ID}.part`, `.${ID}..part`, `x${ID}`, '.', ''])
      expect(parseName(name), name).toBeUndefined()
  })
})

describe('locations of a file store', () => {
  it.for([
    [`file:///var/lib/images/${ID}`, `/var/lib/images/${ID}`],
    [`filesystem:///var/lib/images/${ID}`, `/var/lib/images/${ID}`],
    ['file:///var/lib/images/older/name', '/var/lib/images/older/name'],
    [`file:///mnt/my disk #2/${ID}`, `/mnt/my disk #2/${ID}`],
    [`file:///mnt/my%20disk%20%232/${ID}`, `/mnt/my disk #2/${ID}`],
  ] as const)('%s is %s', ([url, path]) => {
    expect(pathOf(url, dirs)).toBe(path)
  })

  it('survive the way there and back', () => {
    for (const { path } of dirs) expect(pathOf(urlOf(`${path}/${ID}`), dirs)).toBe(`${path}/${ID}`)
    expect(urlOf(`/mnt/my disk #2/${ID}`)).toBe(`file:///mnt/my disk #2/${ID}`)
  })

  it('have aliases that mean the same file', () => {
    expect(aliasesOf(`/mnt/x/${ID}`)).toEqual([`filesystem:///mnt/x/${ID}`])
    const path = `/mnt/my disk #2/${ID}`
    expect(aliasesOf(path)).toHaveLength(3)
    for (const alias of aliasesOf(path)) expect(pathOf(alias, dirs)).toBe(path)
  })

  it.for([
    'file:///etc/passwd',
    'file:///var/lib/images',
    'file:///var/lib/images/',
    `file:///var/lib/images//${ID}`,
    `file:///var/lib/imagesX/${ID}`,
    `file:///var/lib/images/../images/${ID}`,
    'file:///var/lib/images/a/../../../../etc/passwd',
    'file:///mnt/my%20disk%20%232/%2e%2e/%2e%2e/etc/passwd',
    'file:///mnt/my%20disk%20%232/..%2f..%2fetc%2fpasswd',
    'file:///mnt/my%20disk%20%232/%ff',
    `file://host/var/lib/images/${ID}`,
    `file:/var/lib/images/${ID}`,
    `http:///var/lib/images/${ID}`,
    `/var/lib/images/${ID}`,
    `file:///var/lib/images/.${ID}.try-1.part`,
    'file:///var/lib/images/a\0b',
    '',
  ])('%j is BadRequest', (url) => {
    expect(() => pathOf(url, dirs)).toThrow(expect.objectContaining({ code: 'BadRequest' }))
  })
})

describe('symbolic links', () => {
  const scratch = makeScratch()
  const images = dirOf(scratch.path('images'))
  beforeAll(() => {
    mkdirSync(images.path)
    writeFileSync(scratch.path('secret'), 'secret')
    writeFileSync(`${images.path}/inside`, 'fine')
    symlinkSync('inside', `${images.path}/good`)
    symlinkSync('../secret', `${images.path}/bad`)
    symlinkSync('..', `${images.path}/up`)
    symlinkSync('nothing', `${images.path}/dangling`)
  })
  afterAll(() => scratch.remove())

  it('are followed inside the store and never out of it', async () => {
    const real = (name: string) => realPathOf(`${images.path}/${name}`, [images])
    expect(await real('good')).toBe(`${images.path}/inside`)
    await expect(real('bad')).rejects.toMatchObject({ code: 'BadRequest' })
    await expect(real('up/secret')).rejects.toMatchObject({ code: 'BadRequest' })
    await expect(real('dangling')).rejects.toMatchObject({ code: 'StoreObjectNotFound' })
  })
})
