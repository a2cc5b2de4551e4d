import { describe, expect, test } from 'vitest'
import { parseQuery } from '../http/query-string.ts'
import { parseListQuery } from './list-query.ts'

const LIMITS = { limitDefault: 25, limitMax: 1000 }
const parse = (raw: string) => parseListQuery(parseQuery(raw), LIMITS)
const ID = '0fd1bd0c-6bb7-4d2f-8ac1-2a9ba9b4b8c1'

test('without parameters: newest first, accepted shares, not hidden, a default page', () => {
  expect(parse('')).toEqual({
    limit: 25,
    sort: [{ key: 'created_at', dir: 'desc' }],
    memberStatus: 'accepted',
    hidden: false,
    tags: [],
    oneOf: [],
    equals: [],
    integers: [],
    times: [],
    properties: [],
  })
})

describe('accepted', () => {
  test.each([
    ['limit=0', { limit: 0 }],
    ['limit=1000', { limit: 1000 }],
    ['limit=5000', { limit: 1000 }],
    ['limit=99999999999999999999', { limit: 1000 }],
    ['limit=1&limit=2', { limit: 2 }],
    [`marker=${ID}`, { marker: ID }],
    ['visibility=all', { visibility: 'all', limit: 25 }],
    ['visibility=', { limit: 0 }],
    ['member_status=all', { memberStatus: 'all' }],
    ['os_hidden=True', { hidden: true }],
    ['os_hidden=FALSE', { hidden: false }],
    ['protected=true', { protected: true }],
    ['protected=false', { protected: false }],
    ['tag=a&tag=b&tag=a', { tags: ['a', 'b'] }],
    ['name=x', { oneOf: [{ column: 'name', values: ['x'] }] }],
    ['name=', { oneOf: [{ column: 'name', values: [''] }] }],
    ['name=eq:a:b', { oneOf: [{ column: 'name', values: ['a:b'] }] }],
    ['name=in:a,b', { oneOf: [{ column: 'name', values: ['a', 'b'] }] }],
    ['name=in:%22a:b%22', { oneOf: [{ column: 'name', values: ['a:b'] }] }],
    ['name=2026-01-01T00:00:00', { oneOf: [{ column: 'name', values: ['2026-01-01T00:00:00'] }] }],
    ['status=active', { oneOf: [{ column: 'status', values: ['active'] }] }],
    ['owner=p:1', { equals: [{ column: 'owner', value: 'p:1' }] }],
    ['checksum=abc', { equals: [{ column: 'checksum', value: 'abc' }] }],
    ['os_hash_value=abc', { equals: [{ column: 'os_hash_value', value: 'abc' }] }],
    ['size_min=1', { integers: [{ column: 'size', op: 'gte', value: 1 }] }],
    ['size_max=%2B2', { integers: [{ column: 'size', op: 'lte', value: 2 }] }],
    ['min_ram_min=-3', { integers: [{ column: 'min_ram', op: 'gte', value: -3 }] }],
    ['min_disk=4', { integers: [{ column: 'min_disk', op: 'eq', value: 4 }] }],
    ['virtual_size_max=5', { integers: [{ column: 'virtual_size', op: 'lte', value: 5 }] }],
    ['created_at=2026-01-01', { times: [{ column: 'created_at', op: 'eq', value: '2026-01-01T00:00:00.000Z' }] }],
    [
      'updated_at=gte:2026-01-01T10:00:00Z',
      { times: [{ column: 'updated_at', op: 'gte', value: '2026-01-01T10:00:00.000Z' }] },
    ],
    ['is_public=True', { properties: [{ name: 'is_public', value: 'True' }] }],
    ['a=1&a=2', { properties: [{ name: 'a', value: '2' }] }],
    ['trait:X=required', { properties: [{ name: 'trait:X', value: 'required' }] }],
    ['constructor=x', { properties: [{ name: 'constructor', value: 'x' }] }],
  ])('%s', (raw, expected) => {
    expect(parse(raw)).toMatchObject(expected)
  })
})

describe('order', () => {
  test.each([
    ['sort_key=name', [{ key: 'name', dir: 'desc' }]],
    ['sort_dir=asc', [{ key: 'created_at', dir: 'asc' }]],
    [
      'sort_key=name&sort_key=size&sort_dir=asc',
      [
        { key: 'name', dir: 'asc' },
        { key: 'size', dir: 'asc' },
      ],
    ],
    [
      'sort_key=name&sort_key=size&sort_dir=asc&sort_dir=desc',
      [
        { key: 'name', dir: 'asc' },
        { key: 'size', dir: 'desc' },
      ],
    ],
    [
      'sort=name:asc,size,id:desc',
      [
        { key: 'name', dir: 'asc' },
        { key: 'size', dir: 'desc' },
        { key: 'id', dir: 'desc' },
      ],
    ],
  ])('%s', (raw, sort) => {
    expect(parse(raw).sort).toEqual(sort)
  })
})

describe('refused, naming the parameter', () => {
  test.each([
    ['limit=-1', 'limit'],
    ['limit=x', 'limit'],
    ['limit=', 'limit'],
    ['limit=1.5', 'limit'],
    ['limit=1e3', 'limit'],
    ['marker=x', 'marker'],
    ['marker=', 'marker'],
    ['sort_key=owner', 'owner'],
    ['sort_key=', 'sorted'],
    ['sort_dir=up', 'direction'],
    ['sort_key=name&sort_dir=asc&sort_dir=desc', 'sort_dir'],
    ['sort=name&sort_key=name', 'sort'],
    ['sort=name&sort_dir=asc', 'sort'],
    ['sort=', 'sorted'],
    ['sort=name:asc:desc', 'sort'],
    ['sort=name:', 'direction'],
    ['visibility=secret', 'visibility'],
    ['member_status=maybe', 'member_status'],
    ['member_status=', 'member_status'],
    ['os_hidden=1', 'os_hidden'],
    ['protected=True', 'protected'],
    ['name=a:b', 'name'],
    ['status=not:active', 'status'],
    ['name=in:%22a', 'name'],
    ['size=big', 'size'],
    ['size_min=', 'size_min'],
    ['size_min=1.5', 'size_min'],
    ['size_max=99999999999999999999', 'size_max'],
    ['foo_min=1', 'foo_min'],
    ['foo_max=1', 'foo_max'],
    ['created_at=yesterday', 'created_at'],
    ['created_at=near:2026-01-01', 'created_at'],
    ['created_at=gt:', 'created_at'],
    ['created_at=', 'created_at'],
    ['changes-since=2026-01-01', 'changes-since'],
    ['changes-since=', 'changes-since'],
    ['properties=x', 'properties'],
    ['locations=x', 'locations'],
  ])('%s', (raw, word) => {
    expect(() => parse(raw)).toThrowError(
      expect.objectContaining({ code: 'BadRequest', message: expect.stringContaining(word) }),
    )
  })

  test('more conditions than a database should be asked to join', () => {
    const raw = Array.from({ length: 100_000 }, (_, at) => `p${at}=v`).join('&')
    expect(() => parse(raw)).toThrowError(expect.objectContaining({ code: 'BadRequest' }))
  })
})
