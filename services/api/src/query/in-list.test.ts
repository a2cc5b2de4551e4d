import { expect, test } from 'vitest'
import { parseInList } from './in-list.ts'

test.each([
  ['a', ['a']],
  ['a,b', ['a', 'b']],
  ['"a,b",c', ['a,b', 'c']],
  ['c,"a,b"', ['c', 'a,b']],
  ['"say \\"hi\\""', ['say "hi"']],
  ['"back\\\\slash"', ['back\\slash']],
  ['""', ['']],
  ['', ['']],
  ['a,,b', ['a', '', 'b']],
  ['a,', ['a', '']],
  ['with:colon', ['with:colon']],
])('%s lists %j', (text, values) => {
  expect(parseInList('name', text)).toEqual(values)
})

test.each(['"a', 'a"b"', '"a"b', '"a",b"', '"', '"a\\"', 'x,"y"z'])('%s is badly quoted', (text) => {
  expect(() => parseInList('name', text)).toThrowError(
    expect.objectContaining({ code: 'BadRequest', message: expect.stringContaining('name') }),
  )
})
