import { expect, test } from 'vitest'
import { editDistance, nearestName } from './nearest.ts'

test('counts edits', () => {
  expect(editDistance('kitten', 'sitting')).toBe(3)
  expect(editDistance('', 'abc')).toBe(3)
  expect(editDistance('same', 'same')).toBe(0)
})

test('finds the nearest name, letter case apart, and none when all are far', () => {
  const names = ['image_size_cap', 'image_tag_quota', 'debug']
  expect(nearestName('image_siz_cap', names)).toBe('image_size_cap')
  expect(nearestName('DEBUG', names)).toBe('debug')
  expect(nearestName('degub', names)).toBeUndefined()
  expect(nearestName('something_else', names)).toBeUndefined()
})
