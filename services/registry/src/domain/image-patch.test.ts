import type { CallContext } from '@glance/shared/context'
import { READ_ONLY_ATTRIBUTES, RESERVED_ATTRIBUTES } from '@glance/shared/contracts/attributes'
import { IMAGE_STATUSES, type Image, type PatchOperation } from '@glance/shared/contracts/image'
import { describe, expect, it } from 'vitest'
import { openPolicy } from '../policy/enforce.ts'
import { applyPatch, type PatchParts } from './image-patch.ts'

function caller(projectId: string | null, ...roles: string[]): CallContext {
  return { requestId: 'req-1', userId: 'user', projectId, roles, serviceRoles: [], readOnly: false }
}
const member = caller('own', 'member', 'reader')
const admin = caller('elsewhere', 'admin', 'member', 'reader')
const policy = openPolicy()
const limits = { properties: 3, tags: 3, members: -1, locations: -1 }

const image: Image = {
  id: '1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed',
  name: 'disk',
  status: 'queued',
  visibility: 'shared',
  protected: false,
  os_hidden: false,
  owner: 'own',
  disk_format: 'raw',
  container_format: 'bare',
  min_disk: 0,
  min_ram: 0,
  size: null,
  virtual_size: null,
  checksum: null,
  os_hash_algo: null,
  os_hash_value: null,
  created_at: '2026-01-02T03:04:05Z',
  updated_at: '2026-01-02T03:04:05Z',
  tags: ['a', 'b'],
  properties: { os_distro: 'debian', keep: 'me', os_glance_importing_to_stores: '' },
  locations: [],
}

type Op = PatchOperation['op']
const op = (kind: Op, name: string, value?: unknown): PatchOperation => ({ op: kind, path: [name], value })

function patch(operations: readonly PatchOperation[], parts: Partial<PatchParts> = {}, of: Image = image) {
  return applyPatch(of, operations, { dialect: 'v2.1', context: member, policy, limits, ...parts })
}

function codeOf(act: () => unknown): string {
  try {
    act()
  } catch (thrown) {
    return (thrown as { code?: string }).code ?? String(thrown)
  }
  return 'ok'
}

describe('what a PATCH may name', () => {
  const kinds: Op[] = ['add', 'replace', 'remove']
  const refused = (names: readonly string[]) => names.flatMap((name) => kinds.map((kind) => [kind, name] as const))

  it.each(refused([...READ_ONLY_ATTRIBUTES, 'id']))('%s of the read-only %s is refused', (kind, name) => {
    expect(() => patch([op(kind, name, 'x')], { context: admin })).toThrow(
      expect.objectContaining({ code: 'ReadOnlyAttribute', message: `Attribute '${name}' is read-only.` }),
    )
  })

  it.each(refused([...RESERVED_ATTRIBUTES, 'os_glance_foo', 'os_glance']))(
    '%s of the reserved %s is refused',
    (kind, name) => {
      expect(codeOf(() => patch([op(kind, name, 'x')], { context: admin }))).toBe('ReservedAttribute')
    },
  )

  it.each<[Op, string[]]>([
    ['add', ['locations', '-']],
    ['replace', ['locations']],
    ['remove', ['locations', '0']],
  ])('%s of %j is forbidden', (kind, path) => {
    expect(codeOf(() => patch([{ op: kind, path, value: [] }], { context: admin }))).toBe('Forbidden')
  })

  it.each([
    ['an empty name', ['']],
    ['a long name', ['x'.repeat(256)]],
    ['two segments', ['tags', '-']],
    ['no path', []],
  ])('refuses %s', (_what, path) => {
    expect(codeOf(() => patch([{ op: 'add', path, value: 'x' }]))).toBe('BadRequest')
  })
})

describe('operations by dialect', () => {
  it.each<[string, Op, string, unknown, string, string]>([
    // what, op, name, value, v2.1, v2.0
    ['a new property', 'add', 'fresh', 'x', 'ok', 'ok'],
    ['an existing property', 'add', 'keep', 'x', 'ok', 'Conflict'],
    ['a base attribute', 'add', 'name', 'x', 'ok', 'Conflict'],
    ['the tags', 'add', 'tags', ['x'], 'ok', 'Conflict'],
    ['an existing property', 'replace', 'keep', 'x', 'ok', 'ok'],
    ['a missing property', 'replace', 'fresh', 'x', 'Conflict', 'Conflict'],
    ['a base attribute', 'replace', 'name', null, 'ok', 'ok'],
    ['the tags', 'replace', 'tags', [], 'ok', 'ok'],
    ['an existing property', 'remove', 'keep', undefined, 'ok', 'ok'],
    ['a missing property', 'remove', 'fresh', undefined, 'Conflict', 'Conflict'],
    ['a base attribute', 'remove', 'name', undefined, 'Forbidden', 'Forbidden'],
    ['the tags', 'remove', 'tags', undefined, 'Forbidden', 'Forbidden'],
    ['a property without value', 'add', 'fresh', undefined, 'BadRequest', 'BadRequest'],
    ['an attribute without value', 'replace', 'name', undefined, 'BadRequest', 'BadRequest'],
    ['a property that is no text', 'add', 'fresh', 5, 'BadRequest', 'BadRequest'],
    ['a negative min_disk', 'replace', 'min_disk', -1, 'BadRequest', 'BadRequest'],
    ['a min_ram beyond 32 bits', 'replace', 'min_ram', 2 ** 31, 'BadRequest', 'BadRequest'],
    ['an unknown visibility', 'replace', 'visibility', 'hidden', 'BadRequest', 'BadRequest'],
    ['tags that are no list', 'replace', 'tags', 'x', 'BadRequest', 'BadRequest'],
  ])('%s: %s', (_what, kind, name, value, code, oldCode) => {
    expect(codeOf(() => patch([op(kind, name, value)]))).toBe(code)
    expect(codeOf(() => patch([op(kind, name, value)], { dialect: 'v2.0' }))).toBe(oldCode)
  })
})

describe('who may change what', () => {
  it.each<[string, Op, string, unknown, string, string]>([
    // what, op, name, value, member of the owner, admin
    ['owner', 'replace', 'owner', 'other', 'Forbidden', 'ok'],
    ['owner', 'add', 'owner', 'other', 'Forbidden', 'ok'],
    ['owner, to the same', 'replace', 'owner', 'own', 'Forbidden', 'ok'],
    ['owner, to none', 'replace', 'owner', null, 'Forbidden', 'ok'],
    ['visibility public', 'replace', 'visibility', 'public', 'Forbidden', 'ok'],
    ['visibility community', 'replace', 'visibility', 'community', 'ok', 'ok'],
    ['visibility private', 'replace', 'visibility', 'private', 'ok', 'ok'],
  ])('%s by %s', (_what, kind, name, value, code, adminCode) => {
    expect(codeOf(() => patch([op(kind, name, value)]))).toBe(code)
    expect(codeOf(() => patch([op(kind, name, value)], { context: admin }))).toBe(adminCode)
  })

  const friend = caller('friend', 'member', 'reader')
  it.each<[string, CallContext, Image['visibility'], boolean, string]>([
    ['a reader of the owner', caller('own', 'reader'), 'private', false, 'Forbidden'],
    ['another project of a private image', friend, 'private', false, 'NotFound'],
    ['a member project', friend, 'shared', true, 'Forbidden'],
    ['another project of a public image', friend, 'public', false, 'Forbidden'],
    ['a caller without project', caller(null, 'member', 'reader'), 'private', false, 'NotFound'],
    ['a caller without roles', caller('own'), 'private', false, 'NotFound'],
  ])('%s is refused', (_who, context, visibility, memberOfCaller, code) => {
    const act = () => patch([op('add', 'x', 'y')], { context, memberOfCaller }, { ...image, visibility })
    expect(codeOf(act)).toBe(code)
  })

  it('keeps images to their owner when an override opens modify_image', () => {
    const open = openPolicy({ overrides: { modify_image: '@' } })
    expect(codeOf(() => patch([op('add', 'x', 'y')], { context: friend, policy: open }))).toBe('Forbidden')
    expect(codeOf(() => patch([op('add', 'x', 'y')], { policy: open }))).toBe('ok')
  })

  it('judges by the image as it was, not by what earlier operations made of it', () => {
    const frozen = openPolicy({ overrides: { publicize_image: "'yes':%(approved)s" } })
    const operations = [op('add', 'approved', 'yes'), op('replace', 'visibility', 'public')]
    expect(codeOf(() => patch(operations, { policy: frozen }))).toBe('Forbidden')
  })

  it('needs nothing but sight of the image for an empty patch', () => {
    const reader = caller('own', 'reader')
    expect(patch([], { context: reader })).toEqual({ columns: {}, properties: { set: {}, remove: [] }, isEmpty: true })
    expect(codeOf(() => patch([], { context: friend }, { ...image, visibility: 'private' }))).toBe('NotFound')
  })
})

describe('formats', () => {
  const names = ['disk_format', 'container_format'] as const
  it.each(IMAGE_STATUSES.flatMap((status) => names.map((name) => [status, name] as const)))(
    '%s: %s',
    (status, name) => {
      const code = status === 'queued' || status === 'importing' ? 'ok' : 'Forbidden'
      expect(codeOf(() => patch([op('replace', name, image[name])], { context: admin }, { ...image, status }))).toBe(
        code,
      )
    },
  )
})

describe('the change', () => {
  it('names only what the request names', () => {
    const change = patch([op('replace', 'name', 'new'), op('replace', 'keep', 'x'), op('remove', 'os_distro')])
    expect(change).toEqual({
      columns: { name: 'new' },
      properties: { set: { keep: 'x' }, remove: ['os_distro'] },
      isEmpty: false,
    })
  })

  it('carries every kind of column', () => {
    const columns = {
      name: null,
      visibility: 'private',
      protected: true,
      os_hidden: true,
      owner: 'other',
      disk_format: 'qcow2',
      container_format: null,
      min_disk: 1,
      min_ram: 2,
    }
    const operations = Object.entries(columns).map(([name, value]) => op('replace', name, value))
    expect(patch(operations, { context: admin }).columns).toEqual(columns)
  })

  it('replaces tags as a whole, without repetitions', () => {
    expect(patch([op('replace', 'tags', ['z', 'a', 'z'])]).tags).toEqual(['z', 'a'])
  })

  it('counts values that stay equal as a change', () => {
    expect(patch([op('replace', 'name', 'disk')])).toMatchObject({ columns: { name: 'disk' }, isEmpty: false })
  })

  it.each<[string, PatchOperation[], Record<string, unknown>, string[]]>([
    ['added and removed again', [op('add', 'n', '1'), op('remove', 'n')], {}, []],
    ['removed and added again', [op('remove', 'keep'), op('add', 'keep', '2')], { keep: '2' }, []],
    ['set twice', [op('add', 'n', '1'), op('replace', 'n', '2')], { n: '2' }, []],
    ['replaced and removed', [op('replace', 'keep', '1'), op('remove', 'keep')], {}, ['keep']],
    ['set to null', [op('add', 'n', null)], { n: null }, []],
    ['called __proto__', [op('add', '__proto__', '1')], JSON.parse('{"__proto__":"1"}'), []],
  ])('judges a property %s by the end', (_what, operations, set, remove) => {
    const { properties } = patch(operations)
    expect(Object.entries(properties.set)).toEqual(Object.entries(set))
    expect(properties.remove).toEqual(remove)
  })

  it('applies operations in order and stops at the first that fails', () => {
    const first = [op('remove', 'fresh'), op('replace', 'status', 'active')]
    expect(codeOf(() => patch(first))).toBe('Conflict')
    expect(codeOf(() => patch(first.toReversed()))).toBe('ReadOnlyAttribute')
    expect(codeOf(() => patch([op('remove', 'keep'), op('replace', 'keep', 'x')]))).toBe('Conflict')
    expect(codeOf(() => patch([op('add', 'n', '1'), op('add', 'n', '2')], { dialect: 'v2.0' }))).toBe('Conflict')
  })

  it('leaves the image it was given as it is', () => {
    const before = structuredClone(image)
    patch([op('replace', 'tags', []), op('remove', 'keep'), op('add', 'n', '1'), op('replace', 'name', null)])
    expect(image).toEqual(before)
  })
})

describe('quotas', () => {
  const crowded: Image = {
    ...image,
    properties: { a: '', b: '', c: '', d: '', e: '' },
    tags: ['1', '2', '3', '4', '5'],
  }

  it.each<[string, Image, PatchOperation[], string]>([
    ['up to the limit', image, [op('add', 'x', '')], 'ok'],
    ['beyond the limit', image, [op('add', 'x', ''), op('add', 'y', '')], 'TooLarge'],
    ['beyond and back', image, [op('add', 'x', ''), op('add', 'y', ''), op('remove', 'keep')], 'ok'],
    ['change when over', crowded, [op('replace', 'a', 'x'), op('replace', 'name', 'x')], 'ok'],
    ['exchange when over', crowded, [op('remove', 'a'), op('add', 'x', '')], 'ok'],
    ['removal when over', crowded, [op('remove', 'a')], 'ok'],
    ['growth when over', crowded, [op('add', 'x', '')], 'TooLarge'],
    ['tags up to the limit', image, [op('replace', 'tags', ['1', '2', '3', '3'])], 'ok'],
    ['tags beyond the limit', image, [op('replace', 'tags', ['1', '2', '3', '4'])], 'TooLarge'],
    ['tags beyond and back', image, [op('replace', 'tags', ['1', '2', '3', '4']), op('replace', 'tags', [])], 'ok'],
    ['fewer tags when over', crowded, [op('replace', 'tags', ['1', '2', '3', '4'])], 'ok'],
    ['other tags when over', crowded, [op('replace', 'tags', ['a', 'b', 'c', 'd', 'e'])], 'ok'],
    ['more tags when over', crowded, [op('replace', 'tags', ['1', '2', '3', '4', '5', '6'])], 'TooLarge'],
  ])('%s', (_what, of, operations, code) => {
    expect(codeOf(() => patch(operations, {}, of))).toBe(code)
  })

  it('have no limit when negative', () => {
    const operations = Array.from({ length: 500 }, (_, at) => op('add', `p${at}`, ''))
    expect(codeOf(() => patch(operations, { limits: { ...limits, properties: -1 } }))).toBe('ok')
  })
})
