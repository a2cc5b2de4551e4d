import { expect, test } from 'vitest'
import { requestIdFor } from './request-id.ts'

test('the caller’s id is kept, with the prefix every id has', () => {
  expect(requestIdFor('req-abc', 64)).toBe('req-abc')
  expect(requestIdFor('abc', 64)).toBe('req-abc')
})

test('without one a new id is made each time', () => {
  const id = requestIdFor(undefined, 64)
  expect(id).toMatch(/^req-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  expect(requestIdFor('', 64)).not.toBe(id)
})

test('one that is too long is refused, and the bound itself is not', () => {
  expect(requestIdFor('x'.repeat(64), 64)).toBe(`req-${'x'.repeat(64)}`)
  expect(() => requestIdFor('x'.repeat(65), 64)).toThrowError(expect.objectContaining({ code: 'HeadersTooLarge' }))
})
