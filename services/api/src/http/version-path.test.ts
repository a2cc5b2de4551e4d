import { expect, test } from 'vitest'
import { acceptedVersions } from '../view/versions.ts'
import { routedUrl } from './version-path.ts'

const ids = acceptedVersions({ imageCacheEnabled: false, multistore: false })
const VENDOR = 'application/vnd.openstack.images-'

test.each([
  ['/v2/images', '*/*', '/v2/images'],
  ['/v2', undefined, '/v2'],
  ['/v2.9/images?limit=1', undefined, '/v2/images?limit=1'],
  ['/v2.17', undefined, '/v2'],
  ['/v2.0/', undefined, '/v2/'],
  ['/v2.8/images', undefined, '/v2.8/images'],
  ['/v2.99/images', undefined, '/v2.99/images'],
  ['/v20/images', undefined, '/v20/images'],
  ['/v3', undefined, '/v3'],
  ['/', undefined, '/'],
  ['/images', `${VENDOR}v2.9`, '/v2/images'],
  ['/images/x/file', `${VENDOR}v2`, '/v2/images/x/file'],
  ['/v2/images', `${VENDOR}v2`, '/v2/v2/images'],
  ['/images', `${VENDOR}v3`, '/unknown-version'],
  ['/versions', `${VENDOR}v2`, '/versions'],
])('%s with Accept %s is routed as %s', (url, accept, routed) => {
  expect(routedUrl(url, accept, { ids })).toBe(routed)
})
