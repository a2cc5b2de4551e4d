import { expect, test } from 'vitest'
import { methodTable } from './methods.ts'

const table = methodTable()
table.add('/v2/images', ['GET'])
table.add('/v2/images', ['POST'])
table.add('/v2/images/:imageId', ['DELETE', 'PATCH', 'GET'])
table.add('/v2/images/:imageId/tags/:tag', ['PUT', 'DELETE'])

test.each([
  ['/v2/images', 'GET, POST'],
  ['/v2/images/x', 'GET, PATCH, DELETE'],
  ['/v2/images/x/tags/y', 'PUT, DELETE'],
  ['/v2/images/', undefined],
  ['/v2/images/x/tags', undefined],
  ['/v2/other', undefined],
])('%s takes %s', (path, allow) => {
  expect(table.allowFor(path)).toBe(allow)
})
