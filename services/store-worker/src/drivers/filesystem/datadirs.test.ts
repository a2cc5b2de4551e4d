import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { chooseDir, openDataDirs, pickRoom } from './datadirs.ts'
import { makeScratch, type Scratch } from './testing/scratch.ts'

let scratch: Scratch
beforeEach(() => {
  scratch = makeScratch()
})
afterEach(() => scratch.remove())

const modeOf = (path: string): number => statSync(path).mode & 0o777
const placed = (name: string, priority = 0) => ({ path: scratch.path(name), priority })

describe('opening directories', () => {
  it('makes missing ones', async () => {
    await openDataDirs([placed('a/b/c'), placed('d')])
    expect(statSync(scratch.path('a/b/c')).isDirectory()).toBe(true)
    expect(statSync(scratch.path('d')).isDirectory()).toBe(true)
  })

  it.for([
    [0, 0o700],
    [0o600, 0o700],
    [0o640, 0o710],
    [0o604, 0o701],
    [0o664, 0o711],
  ] as const)('lets those pass who may use files of mode %o', async ([fileMode, dirMode]) => {
    mkdirSync(scratch.path('a'))
    chmodSync(scratch.path('a'), 0o700)
    await openDataDirs([placed('a')], fileMode)
    expect(modeOf(scratch.path('a'))).toBe(dirMode)
  })

  it('says which directory cannot be used', async () => {
    writeFileSync(scratch.path('file'), '')
    await expect(openDataDirs([placed('file')])).rejects.toMatchObject({
      code: 'StoreUnavailable',
      message: expect.stringContaining(`directory ${scratch.path('file')} cannot be used`),
    })
  })

  it('refuses two names of one directory', async () => {
    mkdirSync(scratch.path('a'))
    symlinkSync('a', scratch.path('b'))
    await expect(openDataDirs([placed('a'), placed('b')])).rejects.toMatchObject({
      name: 'StoreConfigError',
      message: expect.stringContaining(`${scratch.path('b')} leads to ${scratch.path('a')}`),
    })
  })
})

describe('choosing a directory', () => {
  const room = (path: string, priority: number, bytes: number) => ({ dir: { path, realPath: path, priority }, bytes })

  it('takes the highest priority that has room, and there the most room', () => {
    const rooms = [room('/a', 100, 5), room('/b', 200, 50), room('/c', 200, 70), room('/d', 100, 900)]
    expect(pickRoom(rooms, 1).path).toBe('/c')
    expect(pickRoom(rooms, 70).path).toBe('/c')
    expect(pickRoom(rooms, 71).path).toBe('/d')
    expect(() => pickRoom(rooms, 901)).toThrow(expect.objectContaining({ code: 'StoreFull' }))
  })

  it('asks the disks, when there are several', async () => {
    const dirs = await openDataDirs([placed('a', 1), placed('b', 2)])
    expect((await chooseDir(dirs)).path).toBe(scratch.path('b'))
    expect((await chooseDir(dirs, 1000)).path).toBe(scratch.path('b'))
    await expect(chooseDir(dirs, 2 ** 60)).rejects.toMatchObject({ code: 'StoreFull' })
    expect((await chooseDir(dirs.slice(0, 1), 2 ** 60)).path).toBe(scratch.path('a'))
  })

  it('passes over a directory that is away', async () => {
    const [here, away] = await openDataDirs([placed('a', 1), placed('b', 2)])
    if (here === undefined || away === undefined) throw new Error('two directories were asked for')
    const gone = { ...away, path: scratch.path('gone') }
    expect(await chooseDir([here, gone])).toBe(here)
    await expect(chooseDir([gone, { ...gone }])).rejects.toMatchObject({ code: 'StoreUnavailable' })
  })
})
