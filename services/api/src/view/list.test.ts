import { expect, test } from 'vitest'
import { imageListView } from './list.ts'

const images = [{ id: 'a' }, { id: 'b' }]

test('links repeat every parameter, the last marker only in next', () => {
  const pairs: [string, string][] = [
    ['tag', 'x y'],
    ['tag', 'ü'],
    ['marker', 'old'],
    ['sort_key', 'name'],
    ['sort_key', 'id'],
  ]
  const query = 'tag=x+y&tag=%C3%BC&sort_key=name&sort_key=id'
  expect(imageListView(images, { pairs, more: true })).toEqual({
    images,
    first: `/v2/images?${query}`,
    next: `/v2/images?${query}&marker=b`,
    schema: '/v2/schemas/images',
  })
})

test('the last page has no next, and neither has an empty one', () => {
  expect(imageListView(images, { pairs: [], more: false })).toEqual({
    images,
    first: '/v2/images',
    schema: '/v2/schemas/images',
  })
  expect(imageListView([], { pairs: [], more: true })).not.toHaveProperty('next')
})
