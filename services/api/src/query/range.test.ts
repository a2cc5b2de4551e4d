import { describe, expect, test } from 'vitest'
import { asksForRange, parseRange } from './range.ts'

const SIZE = 10

describe('Range', () => {
  test.each([
    ['bytes=0-0', 0, 0],
    ['bytes=2-5', 2, 5],
    ['bytes=4-', 4, 9],
    ['bytes=0-999', 0, 9],
    ['bytes=-3', 7, 9],
    ['bytes=-99', 0, 9],
    ['bytes=-0', 0, 9],
    ['BYTES = 1 - 2', 1, 2],
    ['bytes=9-9', 9, 9],
    ['bytes=0-99999999999999999999', 0, 9],
  ])('%s is %i to %i', (range, first, last) => {
    expect(parseRange({ range }, SIZE)).toEqual({ first, last })
  })

  test.each([
    'bytes=10-',
    'bytes=10-12',
    'bytes=5-4',
    'bytes=-',
    'bytes',
    'bytes=a-b',
    'bytes=1-2-3',
    'items=0-1',
    'bytes=--1',
    'bytes=0x1-2',
    'bytes=99999999999999999999-',
  ])('%s cannot be satisfied', (range) => {
    expect(() => parseRange({ range }, SIZE)).toThrowError(expect.objectContaining({ code: 'RangeNotSatisfiable' }))
  })

  test.each(['bytes=0-1,3-4', 'bytes=0-1,', 'a,b'])('%s asks for several', (range) => {
    expect(() => parseRange({ range }, SIZE)).toThrowError(expect.objectContaining({ code: 'BadRequest' }))
  })

  test.each(['', '  '])('an empty one (%j) asks for nothing', (range) => {
    expect(parseRange({ range }, SIZE)).toBeUndefined()
    expect(asksForRange({ range, 'content-range': 'bytes 0-1/*' })).toBe(false)
  })
})

describe('Content-Range as a request header', () => {
  test.each([
    ['bytes 0-4/*', 0, 4],
    ['bytes 0-9/10', 0, 9],
  ])('%s is %i to %i', (header, first, last) => {
    expect(parseRange({ 'content-range': header }, SIZE)).toEqual({ first, last })
  })

  test.each(['bytes 0-10/*', 'bytes 5-4/*', 'bytes */10', 'bytes 0-4', 'nonsense', ''])(
    '%j cannot be satisfied',
    (header) => {
      expect(() => parseRange({ 'content-range': header }, SIZE)).toThrowError(
        expect.objectContaining({ code: 'RangeNotSatisfiable' }),
      )
    },
  )

  test('Range wins over it', () => {
    expect(parseRange({ range: 'bytes=1-1', 'content-range': 'bytes 0-4/*' }, SIZE)).toEqual({ first: 1, last: 1 })
  })
})

test('no header asks for all', () => {
  expect(parseRange({}, SIZE)).toBeUndefined()
})
