import type { CallContext } from '@glance/shared/context'
import { READ_ONLY_ATTRIBUTES, RESERVED_ATTRIBUTES } from '@glance/shared/contracts/attributes'
import type { ImageDraft } from '@glance/shared/contracts/image'
import { describe, expect, it } from 'vitest'
import { openPolicy } from '../policy/enforce.ts'
import { planCreate } from './image-create.ts'

const ID = '1B9D6BCD-bbfd-4b2d-9b5d-ab8dfbbd4bed'
const now = new Date('2026-01-02T03:04:05Z')
const limits = { properties: 2, tags: 2, members: -1, locations: -1 }

function caller(projectId: string | null, ...roles: string[]): CallContext {
  return { requestId: 'req-1', userId: 'user', projectId, roles, serviceRoles: [], readOnly: false }
}
const member = caller('own', 'member', 'reader')
const admin = caller('own', 'admin', 'member', 'reader')

function plan(draft: Partial<ImageDraft>, context = member, policy = openPolicy()) {
  return planCreate({ properties: {}, ...draft }, { context, policy, limits, now, newId: () => 'new-id' })
}

function codeOf(act: () => unknown): string {
  try {
    act()
  } catch (thrown) {
    return (thrown as { code?: string }).code ?? String(thrown)
  }
  return 'ok'
}

describe('planCreate', () => {
  it('fills in defaults', () => {
    expect(plan({})).toEqual({
      id: 'new-id',
      name: null,
      status: 'queued',
      visibility: 'shared',
      protected: false,
      os_hidden: false,
      owner: 'own',
      disk_format: null,
      container_format: null,
      min_disk: 0,
      min_ram: 0,
      tags: [],
      properties: {},
      createdAt: now,
    })
  })

  it('keeps what the request says, the id as written', () => {
    const draft: ImageDraft = {
      id: ID,
      name: 'disk \u{1F600}',
      visibility: 'community',
      protected: true,
      os_hidden: true,
      owner: 'own',
      disk_format: 'qcow2',
      container_format: 'bare',
      min_disk: 10,
      min_ram: 512,
      tags: ['a', 'b', 'a'],
      properties: { os_distro: 'debian', kernel_id: null },
    }
    expect(plan(draft)).toEqual({ ...draft, tags: ['a', 'b'], status: 'queued', createdAt: now })
  })

  it('keeps properties named like members of objects', () => {
    const properties = JSON.parse('{"__proto__": "a", "constructor": "b"}')
    expect(Object.entries(plan({ properties }).properties)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ])
  })

  it.each([...READ_ONLY_ATTRIBUTES])('refuses the read-only %s', (name) => {
    expect(() => plan({ properties: { [name]: 'x' } }, admin)).toThrow(
      expect.objectContaining({ code: 'ReadOnlyAttribute', message: `Attribute '${name}' is read-only.` }),
    )
  })

  it.each([...RESERVED_ATTRIBUTES, 'locations', 'os_glance', 'os_glance_foo'])('refuses the reserved %s', (name) => {
    expect(() => plan({ properties: { [name]: 'x' } }, admin)).toThrow(
      expect.objectContaining({ code: 'ReservedAttribute', message: `Attribute '${name}' is reserved.` }),
    )
  })

  it.each<[string, Partial<ImageDraft>]>([
    ['an id that is no UUID', { id: 'abc' }],
    ['a long name', { name: 'x'.repeat(256) }],
    ['a negative min_disk', { min_disk: -1 }],
    ['a min_ram beyond 32 bits', { min_ram: 2 ** 31 }],
    ['a long tag', { tags: ['x'.repeat(256)] }],
    ['an empty property name', { properties: { '': 'x' } }],
    ['a long property name', { properties: { ['x'.repeat(256)]: 'x' } }],
    ['a base attribute among the properties', { properties: { name: 'x' } }],
  ])('refuses %s', (_what, draft) => {
    expect(codeOf(() => plan(draft))).toBe('BadRequest')
  })

  it('tells malformed values before forbidden names', () => {
    expect(codeOf(() => plan({ min_disk: -1, properties: { status: 'x' } }))).toBe('BadRequest')
  })

  it.each<[string, Partial<ImageDraft>, CallContext, string]>([
    ['own by the member', {}, member, 'ok'],
    ['own by a reader', {}, caller('own', 'reader'), 'Forbidden'],
    ['of another project by a member', { owner: 'other' }, member, 'Forbidden'],
    ['without owner by a member', { owner: null }, member, 'Forbidden'],
    ['by a member without project', {}, caller(null, 'member', 'reader'), 'Forbidden'],
    ['of any owner by an admin', { owner: 'any string' }, admin, 'ok'],
    ['without owner by an admin', { owner: null }, admin, 'ok'],
    ['public by a member', { visibility: 'public' }, member, 'Forbidden'],
    ['public by an admin', { visibility: 'public' }, admin, 'ok'],
    ['community by a member', { visibility: 'community' }, member, 'ok'],
    ['private by a member', { visibility: 'private' }, member, 'ok'],
  ])('an image %s', (_what, draft, context, code) => {
    expect(codeOf(() => plan(draft, context))).toBe(code)
  })

  it('asks communitize_image for community images, about the image to be', () => {
    const policy = openPolicy({ overrides: { communitize_image: "'yes':%(open)s" } })
    expect(codeOf(() => plan({ visibility: 'community' }, member, policy))).toBe('Forbidden')
    expect(codeOf(() => plan({ visibility: 'community', properties: { open: 'yes' } }, member, policy))).toBe('ok')
  })

  it('keeps the owner rule when add_image is opened to all', () => {
    const policy = openPolicy({ overrides: { add_image: '@' } })
    expect(codeOf(() => plan({ owner: 'other' }, member, policy))).toBe('Forbidden')
  })

  it('counts properties and distinct tags against the quotas', () => {
    expect(codeOf(() => plan({ tags: ['a', 'b', 'a'], properties: { a: '', b: '' } }))).toBe('ok')
    expect(codeOf(() => plan({ tags: ['a', 'b', 'c'] }))).toBe('TooLarge')
    expect(codeOf(() => plan({ properties: { a: '', b: '', c: '' } }))).toBe('TooLarge')
  })
})
