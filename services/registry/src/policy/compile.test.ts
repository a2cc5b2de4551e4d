import type { CallContext } from '@glance/shared/context'
import { describe, expect, it } from 'vitest'
import { compileRules } from './compile.ts'
import { PolicyError } from './fault.ts'
import type { PolicyTarget } from './rule.ts'

const caller: CallContext = {
  requestId: 'req-1',
  userId: 'u1',
  projectId: 'p1',
  roles: ['member', 'reader'],
  serviceRoles: ['service'],
  projectDomainId: 'default',
  readOnly: false,
}
const stranger: CallContext = {
  requestId: 'req-2',
  userId: null,
  projectId: null,
  roles: [],
  serviceRoles: [],
  readOnly: true,
}

function holds(text: string, target: PolicyTarget = {}, context = caller): boolean {
  const texts = new Map([
    ['context_is_admin', 'role:admin'],
    ['yes', '@'],
    ['no', '!'],
    ['it', text],
  ])
  return compileRules(texts).get('it')?.(context, target) ?? false
}

function faultsOf(rules: Record<string, string>): readonly { rule: string; position: number; reason: string }[] {
  try {
    compileRules(new Map(Object.entries(rules)))
  } catch (thrown) {
    if (thrown instanceof PolicyError) return thrown.faults
    throw thrown
  }
  return []
}

describe('checks', () => {
  it.each<[string, PolicyTarget, boolean]>([
    ['', {}, true],
    ['@', {}, true],
    ['!', {}, false],
    ['role:MEMBER', {}, true],
    ['role:admin', {}, false],
    ['role:%(needs)s', { properties: { needs: 'Reader' } }, true],
    ['role:%(needs)s', { properties: {} }, false],
    ['rule:yes', {}, true],
    ['rule:no or not rule:no', {}, true],
    ['roles:reader', {}, true],
    ['service_roles:service', {}, true],
    ['service_roles:admin', {}, false],
    ['user_id:u1', {}, true],
    ['user:%(keeper)s', { properties: { keeper: 'u1' } }, true],
    ['project_id:%(project_id)s', { owner: 'p1' }, true],
    ['tenant:%(owner)s', { owner: 'p1' }, true],
    ['project_id:%(tenant)s', { owner: 'p2' }, false],
    ['project_id:%(member_id)s', { memberId: 'p1' }, true],
    ['project_id:%(member_id)s', { memberId: null }, false],
    ["'public':%(visibility)s", { visibility: 'public' }, true],
    ["'public':%(visibility)s", { visibility: 'shared' }, false],
    ["'active':%(status)s", { status: 'active' }, true],
    ["'i1':%(image_id)s", { imageId: 'i1' }, true],
    ["'img-i1':img-%(image_id)s", { imageId: 'i1' }, true],
    ["'img-i1':img-%(image_id)s", {}, false],
    ['True:%(locked)s', { properties: { locked: 'True' } }, true],
    ['True:True', {}, true],
    ['1:2', {}, false],
    ['None:%(owner)s', { owner: null }, true],
    ['None:%(owner)s', { owner: 'p1' }, false],
    ['None:%(owner)s', {}, false],
    ['None:None', {}, false],
    ["'':%(note)s", { properties: { note: '' } }, true],
    ["'x':%(toString)s", { properties: {} }, false],
    ["'x':%(__proto__)s", { properties: JSON.parse('{"__proto__":"x"}') }, true],
    ['is_admin:True', {}, false],
    ['is_admin:False', {}, true],
    ['project_domain_id:default', {}, true],
    ['user_domain_id:default', {}, false],
    ['system_scope:all', {}, false],
  ])('%s of %j is %s', (text, target, expected) => {
    expect(holds(text, target)).toBe(expected)
  })

  it('never takes a caller without a project for the owner of an image without one', () => {
    expect(holds('project_id:%(project_id)s', { owner: null }, stranger)).toBe(false)
    expect(holds('project_id:%(project_id)s', {}, stranger)).toBe(false)
    expect(holds('project_id:None', {}, stranger)).toBe(false)
  })

  it('knows system scope and admins', () => {
    expect(holds('system_scope:all', {}, { ...caller, systemScope: 'all' })).toBe(true)
    expect(holds('is_admin:True', {}, { ...caller, roles: ['admin'] })).toBe(true)
  })
})

describe('faults', () => {
  it('lists all of them with rule and position', () => {
    const faults = faultsOf({
      a: 'role:x and',
      b: '@ or rule:nowhere',
      c: 'colour:red',
      d: "'x':%(checksum)s",
      fine: 'rule:a',
    })
    expect(faults.map(({ rule, position }) => [rule, position])).toEqual([
      ['a', 11],
      ['b', 6],
      ['c', 1],
      ['d', 5],
    ])
    expect(faults[1]?.reason).toBe('there is no rule "nowhere"')
    expect(faults[2]?.reason).toMatch(/colour is nothing known about a caller; known are role, rule, is_admin, user_id/)
    expect(faults[3]?.reason).toMatch(/cannot look at checksum; they know owner, project_id/)
    expect(new PolicyError(faults).message).toContain('policy rule "b", position 6: there is no rule "nowhere"')
  })

  it.each<[string, Record<string, string>, string]>([
    ['itself', { a: 'role:x or rule:a' }, 'a -> a'],
    ['itself by way of others', { a: 'rule:b', b: 'not rule:c', c: '(rule:a)' }, 'a -> b -> c -> a'],
    ['itself by way of is_admin', { context_is_admin: 'is_admin:True' }, 'context_is_admin -> context_is_admin'],
  ])('finds a rule that refers to %s', (_what, rules, circle) => {
    expect(faultsOf(rules).map((fault) => fault.reason)).toEqual([`the rule refers to itself: ${circle}`])
  })

  it('refuses chains of rules too long to evaluate, and runs those it accepts', () => {
    const chain = (length: number, wrap = (text: string) => text) =>
      Object.fromEntries(
        Array.from({ length }, (_, at) => [`r${at}`, at === length - 1 ? '@' : wrap(`rule:r${at + 1}`)]),
      )
    expect(faultsOf(chain(10_000))[0]?.reason).toMatch(/more than \d+ deep/)
    const deep = (text: string) => `${'( not '.repeat(40)}${text}${' )'.repeat(40)}`
    expect(faultsOf(chain(1_000, deep))[0]?.reason).toMatch(/more than \d+ deep/)
    const checks = compileRules(new Map(Object.entries(chain(200))))
    expect(checks.get('r0')?.(caller, {})).toBe(true)
  })
})
