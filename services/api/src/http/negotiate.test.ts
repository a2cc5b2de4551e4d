import { describe, expect, test } from 'vitest'
import { errorShape, prefersJson } from './negotiate.ts'

describe('shape of error bodies', () => {
  test.each([
    ['*/*', 'html'],
    ['text/html', 'html'],
    ['text/*', 'html'],
    ['application/json, */*', 'html'],
    ['text/html, application/json', 'html'],
    ['application/json, text/html', 'html'],
    ['text/html;q=0.5, application/json;q=0.5', 'html'],
    ['application/json', 'json'],
    ['APPLICATION/JSON', 'json'],
    ['application/*', 'json'],
    ['application/json, text/plain', 'json'],
    ['application/json, */*;q=0.5', 'json'],
    ['text/html;q=0, */*', 'json'],
    ['text/html;q=0.2, application/json;q=0.8', 'json'],
    [undefined, 'plain'],
    ['', 'plain'],
    ['  ', 'plain'],
    ['text/plain', 'plain'],
    ['image/png', 'plain'],
    ['application/json;charset=utf-8', 'plain'],
    ['application/json;q=0', 'plain'],
    ['*/*;q=0', 'plain'],
    ['application/openstack-images-v2.1-json-patch', 'plain'],
    ['garbage', 'html'],
    ['a/b;q=nonsense', 'html'],
  ])('Accept %j gets %s', (accept, shape) => {
    expect(errorShape(accept)).toBe(shape)
  })

  test('a header of a hundred thousand ranges is no burden', () => {
    const began = performance.now()
    expect(errorShape('a/b,'.repeat(100_000))).toBe('plain')
    expect(performance.now() - began).toBeLessThan(200)
  })
})

test.each([
  [undefined, false],
  ['*/*', false],
  ['text/plain', false],
  ['application/json', true],
  ['application/json;q=0.4, text/plain;q=0.5', false],
  ['application/json, */*;q=0.1', true],
])('a health check with Accept %j is answered in JSON: %s', (accept, wanted) => {
  expect(prefersJson(accept)).toBe(wanted)
})
