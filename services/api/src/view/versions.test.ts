import { expect, test } from 'vitest'
import { acceptedVersions, listVersions, versionsView } from './versions.ts'

const OLD = ['2.7', '2.6', '2.5', '2.4', '2.3', '2.2', '2.1', '2.0']
const STORES = ['2.13', '2.12', '2.11', '2.10', '2.9', '2.8']

test.each([
  [true, true, '2.18', ['2.18', '2.17', '2.16', '2.15', '2.14', ...STORES, ...OLD]],
  [true, false, '2.18', ['2.18', '2.17', '2.16', '2.15', '2.14', '2.9', ...OLD]],
  [false, true, '2.17', ['2.15', ...STORES, '2.17', ...OLD]],
  [false, false, '2.17', ['2.15', '2.9', '2.17', ...OLD]],
])('cache %s, several stores %s: current is %s', (imageCacheEnabled, multistore, current, numbers) => {
  const versions = listVersions({ imageCacheEnabled, multistore })
  expect(versions.map(({ id }) => id)).toEqual(numbers.map((number) => `v${number}`))
  expect(versions.filter(({ status }) => status === 'CURRENT')).toEqual([{ id: `v${current}`, status: 'CURRENT' }])
})

test.each([
  [true, true, ['v2.8', 'v2.10', 'v2.13', 'v2.14', 'v2.16', 'v2.18'], []],
  [false, false, ['v2', 'v2.0', 'v2.7', 'v2.9', 'v2.15', 'v2.17'], ['v2.8', 'v2.10', 'v2.14', 'v2.16', 'v2.18']],
  [false, true, ['v2.8', 'v2.13'], ['v2.14', 'v2.18']],
  [true, false, ['v2.14', 'v2.18'], ['v2.8', 'v2.13']],
])('cache %s, several stores %s: paths begin with %j, not with %j', (imageCacheEnabled, multistore, yes, no) => {
  const accepted = acceptedVersions({ imageCacheEnabled, multistore })
  expect(yes.filter((id) => !accepted.has(id))).toEqual([])
  expect(no.filter((id) => accepted.has(id))).toEqual([])
})

test('every entry leads to the one API there is', () => {
  const { versions } = versionsView({ imageCacheEnabled: false, multistore: false }, 'http://h:1') as {
    versions: object[]
  }
  expect(versions).toHaveLength(11)
  expect(versions[0]).toEqual({
    id: 'v2.15',
    status: 'SUPPORTED',
    links: [{ rel: 'self', href: 'http://h:1/v2/' }],
  })
})
