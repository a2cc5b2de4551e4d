import { type CallContext, serviceContext } from '@glance/shared/context'
import { isCode } from '@glance/shared/errors/error'
import { describe, expect, it } from 'vitest'
import { imageTarget, openPolicy, type PolicyImage, requireWritable } from './enforce.ts'
import { PolicyError } from './fault.ts'

function caller(projectId: string | null, ...roles: string[]): CallContext {
  return { requestId: 'req-1', userId: 'user', projectId, roles, serviceRoles: [], readOnly: false }
}

const CALLERS = {
  admin: caller('elsewhere', 'admin', 'member', 'reader'),
  owner: caller('own', 'member', 'reader'),
  reader: caller('own', 'reader'),
  other: caller('other', 'member', 'reader'),
  sharer: caller('friend', 'member', 'reader'),
  sharedReader: caller('friend', 'reader'),
  anonymous: { ...caller(null), userId: null, readOnly: true },
  service: serviceContext('req-2'),
  system: { ...caller(null, 'admin', 'member', 'reader'), systemScope: 'all' },
} as const satisfies Record<string, CallContext>
type Caller = keyof typeof CALLERS

const policy = openPolicy()

function image(visibility: PolicyImage['visibility'], who: Caller): PolicyImage {
  return {
    id: 'i1',
    owner: 'own',
    visibility,
    status: 'active',
    properties: {},
    memberOfCaller: who === 'sharer' || who === 'sharedReader',
  }
}

function outcome(rule: string, who: Caller, of: PolicyImage['visibility'] = 'private', judge = policy): number {
  try {
    judge.requireOnImage(rule, CALLERS[who], image(of, who))
    return 200
  } catch (thrown) {
    if (isCode(thrown, 'NotFound')) return 404
    if (isCode(thrown, 'Forbidden')) return 403
    throw thrown
  }
}

const EVERYBODY = Object.keys(CALLERS) as Caller[]
const changing = [
  'modify_image',
  'delete_image',
  'upload_image',
  'communitize_image',
  'deactivate',
  'reactivate',
  'set_image_location',
  'add_member',
  'delete_member',
]
const adminOnly = ['publicize_image', 'copy_image', 'delete_image_location', 'manage_image_cache']

/** Status by caller in the order of CALLERS. */
const MATRIX: readonly (readonly [rules: readonly string[], visibility: PolicyImage['visibility'], number[]])[] = [
  //                              admin owner reader other sharer sharedReader anonymous service system
  [['get_image'], 'private', [200, 200, 200, 404, 200, 200, 404, 404, 404]],
  [['get_image'], 'shared', [200, 200, 200, 200, 200, 200, 404, 404, 404]],
  [['get_image'], 'community', [200, 200, 200, 200, 200, 200, 404, 404, 404]],
  [['get_image'], 'public', [200, 200, 200, 200, 200, 200, 404, 404, 404]],
  [['download_image', 'download_from_store'], 'private', [200, 200, 403, 404, 200, 403, 404, 404, 404]],
  [['download_image', 'download_from_store'], 'public', [200, 200, 403, 200, 200, 403, 404, 404, 404]],
  [changing, 'private', [200, 200, 403, 404, 403, 403, 404, 404, 404]],
  [changing, 'public', [200, 200, 403, 403, 403, 403, 404, 404, 404]],
  [adminOnly, 'private', [200, 403, 403, 404, 403, 403, 404, 404, 404]],
  [adminOnly, 'public', [200, 403, 403, 403, 403, 403, 404, 404, 404]],
  [['get_image_location'], 'private', [200, 200, 200, 404, 403, 403, 404, 404, 404]],
  [['add_image_location'], 'private', [200, 200, 403, 404, 403, 403, 404, 200, 404]],
  [['fetch_image_location'], 'private', [200, 403, 403, 404, 403, 403, 404, 200, 404]],
  [['get_member', 'get_members'], 'private', [200, 200, 200, 404, 200, 200, 404, 404, 404]],
  [['modify_member'], 'shared', [200, 403, 403, 403, 200, 403, 404, 404, 404]],
]

describe('default rules on an image', () => {
  const rows = MATRIX.flatMap(([rules, visibility, statuses]) =>
    rules.flatMap((rule) => EVERYBODY.map((who, at) => [rule, visibility, who, statuses[at] ?? 0] as const)),
  )
  it.each(rows)('%s of a %s image asked by %s answers %i', (rule, visibility, who, status) => {
    expect(outcome(rule, who, visibility)).toBe(status)
  })
})

const CALLS: readonly (readonly [rules: readonly string[], allowed: readonly Caller[]])[] = [
  [['get_images'], ['admin', 'owner', 'reader', 'other', 'sharer', 'sharedReader']],
  [['add_image'], ['admin', 'owner', 'other', 'sharer']],
  [
    ['stores_info_detail', 'service_api'],
    ['admin', 'service'],
  ],
  [['tasks_api_access', 'metadef_admin', 'add_metadef_namespace', 'delete_metadef_tags'], ['admin']],
  [['cache_image', 'cache_list', 'cache_delete', 'cache_clean', 'cache_prune', 'list_cached_nodes'], ['admin']],
  [
    ['get_metadef_namespaces', 'get_metadef_object'],
    ['admin', 'owner', 'reader', 'other', 'sharer', 'sharedReader'],
  ],
  [['get_task', 'get_tasks', 'add_task', 'modify_task'], EVERYBODY.filter((who) => who !== 'system')],
]

describe('default rules on calls', () => {
  const rows = CALLS.flatMap(([rules, allowed]) =>
    rules.flatMap((rule) => EVERYBODY.map((who) => [rule, who, allowed.includes(who)] as const)),
  )
  it.each(rows)('%s by %s: %s', (rule, who, allowed) => {
    const call = () => policy.requireCall(rule, CALLERS[who])
    if (allowed) expect(call).not.toThrow()
    else expect(call).toThrow(expect.objectContaining({ code: 'Forbidden', message: expect.stringContaining(rule) }))
  })

  it('lets nobody but an admin create for another project', () => {
    expect(policy.allows('add_image', CALLERS.owner, { owner: 'other' })).toBe(false)
    expect(policy.allows('add_image', CALLERS.admin, { owner: 'other' })).toBe(true)
  })

  it('opens public metadata definitions to readers of any project', () => {
    const target = { owner: 'own', visibility: 'public' }
    expect(policy.allows('get_metadef_namespace', CALLERS.other, target)).toBe(true)
    expect(policy.allows('get_metadef_namespace', CALLERS.other, { ...target, visibility: 'private' })).toBe(false)
  })
})

describe('the policy as a whole', () => {
  it('has every rule once, described and with well-formed calls', () => {
    const names = policy.rules.map((rule) => rule.name)
    expect(new Set(names).size).toBe(names.length)
    for (const rule of policy.rules) {
      expect(rule.description, rule.name).toMatch(/^[A-Z].*\.$/)
      for (const { method, path } of rule.operations) {
        expect(`${method} ${path}`).toMatch(/^(GET|POST|PUT|PATCH|DELETE) \/v2\/[a-z_{}/]+$/)
      }
    }
  })

  it('says who is an admin, system scope apart', () => {
    expect(EVERYBODY.filter((who) => policy.isAdmin(CALLERS[who]))).toEqual(['admin'])
    expect(openPolicy({ enforceScope: false }).isAdmin(CALLERS.system)).toBe(true)
  })

  it('takes overrides, rules of the operator included', () => {
    const judge = openPolicy({
      overrides: {
        image_keeper: 'role:keeper',
        modify_image: "rule:image_keeper and not 'yes':%(frozen)s",
        get_image: '!',
        get_images: 'rule:get_image',
      },
    })
    const keeper = caller('elsewhere', 'keeper')
    expect(judge.allows('modify_image', keeper, imageTarget(image('private', 'other'), keeper))).toBe(true)
    const frozen = { ...image('private', 'other'), properties: { frozen: 'yes' } }
    expect(judge.allows('modify_image', keeper, imageTarget(frozen, keeper))).toBe(false)
    expect(outcome('delete_image', 'reader', 'private', judge)).toBe(404)
    expect(judge.rules.find((rule) => rule.name === 'get_image')).toMatchObject({
      check: '!',
      operations: [{ method: 'GET', path: '/v2/images/{image_id}' }],
    })
    expect(judge.rules.at(-1)).toMatchObject({ name: 'image_keeper', check: 'role:keeper' })
  })

  it('refuses overrides that cannot be used', () => {
    const open = () => openPolicy({ overrides: { get_image: 'rule:nowhere', add_image: 'role:a)' } })
    expect(open).toThrow(PolicyError)
    expect(open).toThrow(/"add_image", position 7.*\n.*"get_image", position 1: there is no rule "nowhere"/)
  })

  it('does not invent rules', () => {
    expect(() => policy.allows('get_imagee', CALLERS.admin, {})).toThrow('no policy rule "get_imagee"')
  })

  it('refuses changes by callers who may only read', () => {
    expect(() => requireWritable(CALLERS.anonymous)).toThrow(expect.objectContaining({ code: 'Forbidden' }))
    expect(() => requireWritable(CALLERS.owner)).not.toThrow()
  })
})
