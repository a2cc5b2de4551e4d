import { describe, expect, test } from 'vitest'
import { imageAttributes } from '../schema/image-attributes.ts'
import { ACCEPT_PATCH, parsePatch, patchDialect } from './json-patch.ts'

const attributes = imageAttributes({ diskFormats: ['raw', 'qcow2'], containerFormats: ['bare'] })
const v21 = (...operations: unknown[]) => parsePatch(operations, 'v2.1', attributes)
const v20 = (...operations: unknown[]) => parsePatch(operations, 'v2.0', attributes)
const refusedAs = (code: string) => expect.objectContaining({ code })

describe('media types', () => {
  test.each([
    ['application/openstack-images-v2.1-json-patch', 'v2.1'],
    ['Application/OpenStack-Images-v2.0-JSON-Patch; charset=utf-8', 'v2.0'],
  ])('%s is %s', (type, dialect) => {
    expect(patchDialect(type)).toBe(dialect)
  })

  test.each([
    undefined,
    '',
    'application/json',
    'application/json-patch+json',
    'application/openstack-images-v2.2-json-patch',
  ])('%s is none', (type) => {
    expect(() => patchDialect(type)).toThrowError(refusedAs('UnsupportedMediaType'))
  })

  test('both are told', () => {
    expect(ACCEPT_PATCH).toBe(
      'application/openstack-images-v2.0-json-patch, application/openstack-images-v2.1-json-patch',
    )
  })
})

describe('operations of v2.1', () => {
  test('add, replace and remove', () => {
    expect(
      v21(
        { op: 'add', path: '/trait:X', value: 'required' },
        { op: 'replace', path: '/name', value: null, extra: 1 },
        { op: 'remove', path: '/os_distro' },
      ),
    ).toEqual([
      { op: 'add', path: ['trait:X'], value: 'required' },
      { op: 'replace', path: ['name'], value: null },
      { op: 'remove', path: ['os_distro'] },
    ])
  })

  test.each([
    {},
    { op: 'move', path: '/a', from: '/b' },
    { op: 'copy', path: '/a', from: '/b' },
    { op: 'test', path: '/a', value: 'x' },
    { op: 5, path: '/a' },
    { op: 'remove' },
    { op: 'add', path: '/a' },
    { add: '/a', value: 'x' },
    null,
    'add',
    5,
    [],
  ])('%j is none', (operation) => {
    expect(() => v21(operation)).toThrowError(refusedAs('BadRequest'))
  })
})

describe('operations of v2.0', () => {
  test('the operation is a member, and others are ignored', () => {
    expect(v20({ add: '/a', value: 'x', path: '/b', op: 'remove' }, { remove: '/c' })).toEqual([
      { op: 'add', path: ['a'], value: 'x' },
      { op: 'remove', path: ['c'] },
    ])
  })

  test.each([
    { add: '/a', remove: '/b', value: 'x' },
    { move: '/a' },
    { op: 'add', path: '/a', value: 'x' },
    { add: '/a' },
    { replace: null, value: 'x' },
  ])('%j is none', (operation) => {
    expect(() => v20(operation)).toThrowError(refusedAs('BadRequest'))
  })
})

describe('paths', () => {
  test.each([
    ['/a~1b', 'a/b'],
    ['/a~0b', 'a~b'],
    ['/~01', '~1'],
    ['/ a ', 'a'],
  ])('%s names %s', (path, name) => {
    expect(v21({ op: 'remove', path })).toEqual([{ op: 'remove', path: [name] }])
  })

  test.each([
    '',
    '/',
    'a',
    '//a',
    '/a/',
    '/a//b',
    '/a/b',
    '/ ',
    '/a~',
    '/a~2',
    '/tags/-',
    '/tags/0',
    `/${'x'.repeat(256)}`,
    '/\ud83d',
    5,
    null,
    ['/a'],
    {},
  ])('%j is none', (path) => {
    expect(() => v21({ op: 'add', path, value: 'x' })).toThrowError(refusedAs('BadRequest'))
  })

  test.each([
    'created_at',
    'updated_at',
    'status',
    'checksum',
    'size',
    'virtual_size',
    'os_hash_algo',
    'os_hash_value',
    'direct_url',
    'self',
    'file',
    'schema',
    'id',
    'stores',
  ])('/%s is read-only whatever the operation and value', (name) => {
    for (const operation of [
      { op: 'add', path: `/${name}`, value: {} },
      { op: 'replace', path: `/${name}`, value: 'x' },
      { op: 'remove', path: `/${name}` },
    ]) {
      expect(() => v21(operation)).toThrowError(refusedAs('ReadOnlyAttribute'))
    }
  })

  test.each(['location', 'deleted', 'deleted_at', 'os_glance_foo', 'os_glance'])('/%s is reserved', (name) => {
    expect(() => v21({ op: 'add', path: `/${name}`, value: 'x' })).toThrowError(refusedAs('ReservedAttribute'))
  })
})

describe('values are checked for the one attribute', () => {
  test.each([
    ['/name', 5],
    ['/name', '\ud83d'],
    ['/tags', ['\ud83d']],
    ['/tags', 'a'],
    ['/min_ram', -1],
    ['/min_disk', 2 ** 31],
    ['/disk_format', 'floppy'],
    ['/visibility', 'secret'],
    ['/protected', 'yes'],
    ['/custom', null],
    ['/custom', 5],
    ['/kernel_id', 'x'],
  ])('%s: %j is refused', (path, value) => {
    expect(() => v21({ op: 'replace', path, value })).toThrowError(
      expect.objectContaining({ code: 'BadRequest', message: expect.stringContaining(path.slice(1)) }),
    )
  })
})

describe('locations', () => {
  const place = { url: 'file:///a', metadata: {} }
  const digests = { checksum: 'd'.repeat(32), os_hash_algo: 'sha256', os_hash_value: 'ab' }

  test('single ones are added and removed by position, the list is replaced as a whole', () => {
    expect(
      v21(
        { op: 'add', path: '/locations/-', value: { ...place, validation_data: digests } },
        { op: 'add', path: '/locations/3', value: { ...place, unknown: 1 } },
        { op: 'remove', path: '/locations/0' },
        { op: 'replace', path: '/locations', value: [] },
      ).map(({ path }) => path),
    ).toEqual([['locations', '-'], ['locations', '3'], ['locations', '0'], ['locations']])
  })

  test.each([
    { op: 'add', path: '/locations', value: [place] },
    { op: 'remove', path: '/locations' },
    { op: 'remove', path: '/locations/-' },
    { op: 'remove', path: '/locations/x' },
    { op: 'remove', path: '/locations/-1' },
    { op: 'replace', path: '/locations/0', value: place },
    { op: 'add', path: '/locations/0/url', value: 'x' },
    { op: 'add', path: '/locations/-', value: { url: 'x' } },
    { op: 'add', path: '/locations/-', value: { metadata: {} } },
    { op: 'add', path: '/locations/-', value: { ...place, validation_data: {} } },
    { op: 'add', path: '/locations/-', value: { ...place, validation_data: { ...digests, checksum: 'short' } } },
    { op: 'add', path: '/locations/-', value: { ...place, validation_data: { ...digests, more: 'x' } } },
    { op: 'replace', path: '/locations', value: {} },
  ])('%j is refused', (operation) => {
    expect(() => v21(operation)).toThrowError(refusedAs('BadRequest'))
  })
})

test.each([{}, 'x', null, { 0: {} }])('a body that is %j is no patch', (body) => {
  expect(() => parsePatch(body, 'v2.1', attributes)).toThrowError(refusedAs('BadRequest'))
})

test('an empty patch is one', () => {
  expect(v21()).toEqual([])
})
