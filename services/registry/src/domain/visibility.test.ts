import type { CallContext } from '@glance/shared/context'
import { VISIBILITIES, type Visibility } from '@glance/shared/contracts/image'
import { describe, expect, it } from 'vitest'
import { canChange, canSee } from './visibility.ts'

function caller(projectId: string | null): CallContext {
  return { requestId: 'req-1', userId: null, projectId, roles: [], serviceRoles: [], readOnly: false }
}
const nobody = { isAdmin: false, isMember: false }

describe('canSee', () => {
  it.each<[string, string | null, typeof nobody, Visibility[]]>([
    ['an admin', 'x', { isAdmin: true, isMember: false }, [...VISIBILITIES]],
    ['the owner', 'own', nobody, [...VISIBILITIES]],
    ['a member', 'x', { isAdmin: false, isMember: true }, ['public', 'shared', 'community']],
    ['another project', 'x', nobody, ['public', 'community']],
    ['a caller without project', null, nobody, ['public', 'community']],
    ['a caller without project, taken for a member', null, { isAdmin: false, isMember: true }, ['public', 'community']],
  ])('shows %s what it may see', (_who, projectId, options, visible) => {
    const seen = VISIBILITIES.filter((visibility) => canSee({ owner: 'own', visibility }, caller(projectId), options))
    expect(seen).toEqual(visible)
  })

  it('shows images without an owner to everybody', () => {
    expect(canSee({ owner: null, visibility: 'private' }, caller(null), nobody)).toBe(true)
  })
})

describe('canChange', () => {
  it.each<[string | null, string | null, boolean, boolean]>([
    ['own', 'own', false, true],
    ['own', 'x', false, false],
    ['own', 'x', true, true],
    [null, null, false, false],
    [null, 'x', false, false],
    [null, null, true, true],
    ['own', null, false, false],
  ])('image of %s by project %s, admin %s: %s', (owner, projectId, isAdmin, expected) => {
    expect(canChange({ owner }, caller(projectId), { isAdmin })).toBe(expected)
  })
})
