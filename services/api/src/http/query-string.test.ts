import { expect, test } from 'vitest'
import { checkQuery, formatQuery, parseQuery } from './query-string.ts'

test.each<[string, [string, string][]]>([
  ['', []],
  [
    'a=1&b=2',
    [
      ['a', '1'],
      ['b', '2'],
    ],
  ],
  [
    'tag=x&tag=y',
    [
      ['tag', 'x'],
      ['tag', 'y'],
    ],
  ],
  ['name=a+b%2Bc', [['name', 'a b+c']]],
  ['a=b=c', [['a', 'b=c']]],
  [
    'a&&b=',
    [
      ['a', ''],
      ['b', ''],
    ],
  ],
  ['n=%C3%A9', [['n', 'é']]],
  ['n=\u00c3\u00a9', [['n', 'é']]],
  [
    'p=50%&q=%zz',
    [
      ['p', '50%'],
      ['q', '%zz'],
    ],
  ],
  ['n=%F0%9F%98%80', [['n', '😀']]],
  ['__proto__=x', [['__proto__', 'x']]],
])('%j has the parameters %j', (raw, pairs) => {
  expect(parseQuery(raw)).toEqual(pairs)
})

test.each(['a=%ff', '%c3=1', 'a=%ed%a0%80', 'a=\u00ff'])('%j is not UTF-8', (raw) => {
  expect(() => parseQuery(raw)).toThrowError(expect.objectContaining({ code: 'BadRequest' }))
  expect(() => checkQuery(raw)).toThrowError(expect.objectContaining({ code: 'BadRequest' }))
})

test('formatting is the inverse of parsing', () => {
  const pairs: [string, string][] = [
    ['name', 'in:"a,b",c d'],
    ['tag', 'é&=+%'],
    ['tag', ''],
  ]
  expect(parseQuery(formatQuery(pairs))).toEqual(pairs)
})

test('a hundred thousand parameters are read in linear time', () => {
  const began = performance.now()
  expect(parseQuery('k=v&'.repeat(100_000))).toHaveLength(100_000)
  expect(performance.now() - began).toBeLessThan(1000)
})
