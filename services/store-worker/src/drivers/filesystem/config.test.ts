import { describe, expect, it } from 'vitest'
import { StoreConfigError } from '../driver.ts'
import { dirsOf, fileModeOf } from './config.ts'
import { optionsIn } from './testing/scratch.ts'

const several = (...texts: string[]) => dirsOf(optionsIn('', { filesystem_store_datadirs: texts }))

describe('directories of a file store', () => {
  it('is one, or several with priorities', () => {
    expect(dirsOf(optionsIn(' /images '))).toEqual([{ path: '/images', priority: 0 }])
    expect(several('/a:200', '/b', '/c:', '/d:-5', '/e:f/g:1')).toEqual([
      { path: '/a', priority: 200 },
      { path: '/b', priority: 0 },
      { path: '/c', priority: 0 },
      { path: '/d', priority: -5 },
      { path: '/e:f/g', priority: 1 },
    ])
  })

  it.for([
    { given: optionsIn('/a', { filesystem_store_datadirs: ['/b:1'] }), rule: /must not both be set/ },
    { given: optionsIn(''), rule: /must be set/ },
    { given: optionsIn('', { filesystem_store_datadirs: ['/a:1', '/a/:2'] }), rule: /must name \/a once/ },
    { given: optionsIn('', { filesystem_store_datadirs: ['/a:high'] }), rule: /DIRECTORY:PRIORITY, given "\/a:high"/ },
    { given: optionsIn('', { filesystem_store_datadirs: [':5'] }), rule: /DIRECTORY:PRIORITY/ },
  ])('refuses what $rule says', ({ given, rule }) => {
    expect(() => dirsOf(given)).toThrow(StoreConfigError)
    expect(() => dirsOf(given)).toThrow(rule)
  })
})

describe('mode of image files', () => {
  const modeOf = (mode: number) => fileModeOf(optionsIn('/a', { filesystem_store_file_perm: mode }))

  it('is left to the process when it is 0', () => {
    expect(modeOf(0)).toBeUndefined()
    expect(modeOf(0o640)).toBe(0o640)
  })

  it('must let the owner read, and have no other bits', () => {
    expect(() => modeOf(0o240)).toThrow(/must let the owner read, given 240/)
    expect(() => modeOf(0o4644)).toThrow(/three octal digits, given 4644/)
  })
})
