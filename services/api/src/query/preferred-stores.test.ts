import { expect, test } from 'vitest'
import { preferredFirst } from './preferred-stores.ts'

const places = ['a', 'b', 'c', 'a'].map((store, at) => ({ store, at }))
const several = { multistore: true, stores: [{ id: 'a' }, { id: 'b' }, { id: 'c' }] }
const order = (prefer: string) => preferredFirst(places, [['prefer', prefer]], several).map(({ at }) => at)

test('preferred stores come first, and the order stays within both', () => {
  expect(order('c')).toEqual([2, 0, 1, 3])
  expect(order('c, a')).toEqual([0, 2, 3, 1])
  expect(preferredFirst(places, [['other', 'x']], several)).toBe(places)
})

test.each(['nowhere', 'a,nowhere', ''])('prefer=%s is refused', (prefer) => {
  expect(() => order(prefer)).toThrowError(expect.objectContaining({ code: 'BadRequest' }))
})

test('without several stores there is nothing to prefer', () => {
  expect(() => preferredFirst(places, [['prefer', 'a']], { ...several, multistore: false })).toThrowError(
    expect.objectContaining({ code: 'BadRequest' }),
  )
})
