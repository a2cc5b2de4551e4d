import { describe, expect, test } from 'vitest'
import { bool, dict, float, int, list, multi, type Option, octal, parsed, ports, size, string } from './options.ts'
import { readValue, writeValue } from './values.ts'

function read(option: Option, ...texts: string[]): unknown {
  const reading = readValue(option, texts)
  return 'value' in reading ? reading.value : reading
}

describe('numbers', () => {
  test('int keeps its bounds and names them', () => {
    const port = int('', { min: 1, max: 9 })
    expect(read(port, ' 9 ')).toBe(9)
    for (const bad of ['0', '10', '1.5', 'x', '0x1', '99999999999999999999']) {
      expect(read(port, bad)).toEqual({ rule: 'must be a whole number from 1 to 9' })
    }
    expect(read(int('', { min: 1 }), '0')).toEqual({ rule: 'must be a whole number of at least 1' })
    expect(read(int(''), '-3')).toBe(-3)
  })

  test('float, octal', () => {
    expect(read(float(''), '.5')).toBe(0.5)
    expect(read(float(''), 'Infinity')).toEqual({ rule: 'must be a number' })
    expect(read(octal(''), '0640')).toBe(0o640)
    expect(read(octal(''), '640')).toBe(0o640)
    expect(read(octal(''), '0o600')).toBe(0o600)
    expect(read(octal(''), '0')).toBe(0)
    expect(read(octal(''), '689')).toEqual({ rule: 'must be a file mode in octal digits' })
  })

  test('size takes units of 1024 and is held at the largest exact number', () => {
    expect(read(size(''), '10GB')).toBe(10 * 1024 ** 3)
    expect(read(size(''), '1 tb')).toBe(1024 ** 4)
    expect(read(size(''), '7B')).toBe(7)
    expect(read(size(''), '9223372036854775807')).toBe(Number.MAX_SAFE_INTEGER)
    expect(read(size('', { min: 1 }), '0')).toEqual({ rule: 'must be a number of bytes of at least 1' })
    expect(read(size(''), '10 PB')).toHaveProperty('rule')
    expect(read(size(''), '-1')).toHaveProperty('rule')
  })
})

test('bool in every spelling', () => {
  for (const text of ['true', 'TRUE', '1', 'yes', 'On']) expect(read(bool(''), text)).toBe(true)
  for (const text of ['false', '0', 'No', 'off']) expect(read(bool(''), text)).toBe(false)
  expect(read(bool(''), 'maybe')).toEqual({ rule: 'must be true or false' })
})

test('list with and without brackets, with quoted items', () => {
  expect(read(list(''), '[a, b]')).toEqual(['a', 'b'])
  expect(read(list(''), 'a,b,')).toEqual(['a', 'b'])
  expect(read(list(''), `"a,b", 'c'`)).toEqual(['a,b', 'c'])
  expect(read(list('', { default: ['x'] }), '[]')).toEqual([])
  expect(read(list('', { default: ['x'] }), '')).toEqual([])
  expect(read(list('', { choices: ['a'] }), 'a,b')).toEqual({ rule: 'must list only a' })
  expect(read(ports(''), '80,443')).toEqual([80, 443])
  expect(read(ports(''), '80,0')).toHaveProperty('rule')
})

test('dict', () => {
  expect(read(dict(''), 'fast:file, ceph:rbd')).toEqual({ fast: 'file', ceph: 'rbd' })
  expect(read(dict(''), '{http:proxy:3128}')).toEqual({ http: 'proxy:3128' })
  expect(read(dict(''), '')).toEqual({})
  expect(read(dict(''), 'a')).toHaveProperty('rule')
  expect(read(dict(''), 'a:1,a:2')).toEqual({ rule: 'must name the key a once' })
})

test('multi keeps every occurrence, other types the last one', () => {
  expect(read(multi(''), 'a', '', 'b')).toEqual(['a', 'b'])
  expect(read(int(''), '1', '2')).toBe(2)
})

test('an empty text means unset where it can mean nothing else', () => {
  expect(read(string(''), '')).toEqual({ unset: true })
  expect(read(string('', { default: 'x' }), '')).toBe('')
  expect(read(string('', { choices: ['a'], default: 'a' }), '')).toEqual({ unset: true })
  expect(read(int(''), '')).toEqual({ unset: true })
  expect(read(string('', { default: 'x' }), '<None>')).toEqual({ unset: true })
})

test('choices are matched without regard to case and given back as declared', () => {
  const level = string('', { choices: ['None', 'MAC'] })
  expect(read(level, 'mac')).toBe('MAC')
  expect(read(level, 'other')).toEqual({ rule: 'must be one of None, MAC' })
})

test('parsed reports the rule its parser throws', () => {
  const even = parsed('', (text) => {
    if (Number(text) % 2 !== 0) throw new Error('must be even')
    return Number(text) / 2
  })
  expect(read(even, '4')).toBe(2)
  expect(read(even, '3')).toEqual({ rule: 'must be even' })
})

test('what writeValue writes, readValue reads', () => {
  const cases: [Option, Option['default']][] = [
    [string('', { default: 'x' }), 'a b'],
    [octal(''), 0o640],
    [list(''), ['a', 'b']],
    [dict(''), { a: '1', b: '2:3' }],
    [multi(''), ['x', 'y']],
    [bool(''), false],
    [size(''), 5],
  ]
  for (const [option, value] of cases) expect(read(option, ...writeValue(option, value))).toEqual(value)
  expect(writeValue(string(''), 'pa$word')).toEqual(['pa$$word'])
  expect(writeValue(string(''), undefined)).toEqual(['<None>'])
})
