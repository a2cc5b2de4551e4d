import { describe, expect, test } from 'vitest'
import { imageAttributes } from '../schema/image-attributes.ts'
import { parseImageBody } from './image-body.ts'

const attributes = imageAttributes({ diskFormats: ['raw', 'qcow2'], containerFormats: ['bare'] })
const parse = (body: Record<string, unknown>) => parseImageBody(body, attributes)
const ID = '0fd1bd0c-6bb7-4d2f-8ac1-2a9ba9b4b8c1'

test('attributes and custom properties are told apart', () => {
  const draft = parse({
    id: ID,
    name: null,
    visibility: 'public',
    protected: true,
    os_hidden: false,
    owner: 'p2',
    disk_format: 'raw',
    container_format: null,
    min_disk: 0,
    min_ram: 2 ** 31 - 1,
    tags: ['a', 'b', 'a'],
    'trait:X': 'required',
    kernel_id: null,
  })
  expect(draft).toEqual({
    id: ID,
    name: null,
    visibility: 'public',
    protected: true,
    os_hidden: false,
    owner: 'p2',
    disk_format: 'raw',
    container_format: null,
    min_disk: 0,
    min_ram: 2 ** 31 - 1,
    tags: ['a', 'b'],
    properties: { 'trait:X': 'required', kernel_id: null },
  })
})

test('a property may bear the name of a prototype', () => {
  const draft = parse(JSON.parse('{"__proto__": "x", "constructor": "y", "toString": "z"}'))
  expect(Object.entries(draft.properties)).toEqual([
    ['__proto__', 'x'],
    ['constructor', 'y'],
    ['toString', 'z'],
  ])
})

describe('bad values are BadRequest and name the attribute', () => {
  test.each([
    ['name', 5],
    ['name', 'x'.repeat(256)],
    ['name', 'smile \ud83d'],
    ['name', 'nul\0'],
    ['name', '\ud800'],
    ['id', 'not-a-uuid'],
    ['id', null],
    ['visibility', 'secret'],
    ['visibility', null],
    ['protected', 'true'],
    ['os_hidden', 1],
    ['disk_format', 'floppy'],
    ['container_format', 5],
    ['min_disk', -1],
    ['min_disk', 1.5],
    ['min_ram', 2 ** 31],
    ['min_ram', '5'],
    ['tags', 'a'],
    ['tags', ['x'.repeat(256)]],
    ['tags', [5]],
    ['tags', ['\ud83d']],
    ['owner', 5],
    ['os_distro', null],
    ['any', null],
    ['any', 5],
    ['any', { nested: 'x' }],
    ['any', '\ud83d'],
    ['kernel_id', 'not-a-uuid'],
    ['cinder_encryption_key_deletion_policy', 'sometimes'],
    ['size', 'large'],
    ['created_at', 5],
    ['locations', 'nowhere'],
    ['deleted', true],
  ])('%s: %j', (name, value) => {
    expect(() => parse({ [name]: value })).toThrowError(
      expect.objectContaining({ code: 'BadRequest', message: expect.stringContaining(name) }),
    )
  })

  test.each(['', 'x'.repeat(256), 'n\0', '\ud83d'])('a property named %j', (name) => {
    expect(() => parse({ [name]: 'v' })).toThrowError(expect.objectContaining({ code: 'BadRequest' }))
  })
})

describe('names no client may set', () => {
  test.each([
    ['status', 'active', 'ReadOnlyAttribute'],
    ['checksum', 'abc', 'ReadOnlyAttribute'],
    ['size', 5, 'ReadOnlyAttribute'],
    ['virtual_size', null, 'ReadOnlyAttribute'],
    ['created_at', 'now', 'ReadOnlyAttribute'],
    ['os_hash_algo', 'md5', 'ReadOnlyAttribute'],
    ['os_hash_value', 'abc', 'ReadOnlyAttribute'],
    ['direct_url', 'x', 'ReadOnlyAttribute'],
    ['self', 'x', 'ReadOnlyAttribute'],
    ['stores', 'a', 'ReadOnlyAttribute'],
    ['locations', [], 'ReservedAttribute'],
    ['location', 'x', 'ReservedAttribute'],
    ['deleted', 'x', 'ReservedAttribute'],
    ['os_glance_foo', 'x', 'ReservedAttribute'],
  ])('%s', (name, value, code) => {
    expect(() => parse({ [name]: value })).toThrowError(expect.objectContaining({ code }))
  })

  test('a bad value anywhere is told first', () => {
    expect(() => parse({ self: 'x', min_ram: 'much' })).toThrowError(expect.objectContaining({ code: 'BadRequest' }))
  })
})
