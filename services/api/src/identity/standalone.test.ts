import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hashPassword } from '@glance/shared/identity/password'
import { readUsersFile, writeUsersFile } from '@glance/shared/identity/users-file'
import Fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStandaloneIdentity } from './standalone.ts'

interface Kept {
  hash: string
  expiresAt: string
  context: object
  body: unknown
}

let folder = ''
let app: FastifyInstance
const kept = new Map<string, Kept>()
const registry = {
  saveToken: async (_: unknown, token: Kept) => {
    kept.set(token.hash, token)
    return {}
  },
  findToken: async (_: unknown, { hash }: { hash: string }) => ({ token: kept.get(hash) ?? null }),
  revokeToken: async (_: unknown, { hash }: { hash: string }) => {
    kept.delete(hash)
    return {}
  },
}

function identityOf(settings: { maxFailures?: number; tokenSeconds?: number } = {}) {
  return openStandaloneIdentity({
    registry: registry as never,
    usersFile: join(folder, 'users.yaml'),
    tokenSeconds: settings.tokenSeconds ?? 100,
    maxFailures: settings.maxFailures ?? 3,
    lockSeconds: 60,
    region: 'RegionOne',
  })
}

function appOf(identity = identityOf()): FastifyInstance {
  const made = Fastify({ exposeHeadRoutes: false })
  made.removeAllContentTypeParsers()
  made.addContentTypeParser('*', (_request, _payload, done) => done(null))
  identity.routes?.(made)
  return made
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'identity-'))
  const password_hash = await hashPassword('right')
  await writeUsersFile(join(folder, 'users.yaml'), {
    users: ['ann', 'bob', 'off'].map((name) => ({ id: `id-${name}`, name, password_hash, enabled: name !== 'off' })),
    projects: [
      { id: 'p1', name: 'lab' },
      { id: 'p2', name: 'yard' },
    ],
    grants: [
      { user: 'ann', project: 'lab', roles: ['Admin'] },
      { user: 'bob', project: 'lab', roles: ['member'] },
      { user: 'bob', project: 'yard', roles: ['reader'] },
    ],
  })
  app = appOf()
})
afterAll(async () => {
  await app.close()
  await rm(folder, { recursive: true })
})

const password = (name: string, word = 'right', scope?: unknown) => ({
  auth: {
    identity: { methods: ['password'], password: { user: { name, domain: { id: 'default' }, password: word } } },
    ...(scope === undefined ? {} : { scope }),
  },
})
const post = (payload: object, to = app) => to.inject({ method: 'POST', url: '/identity/v3/auth/tokens', payload })
const project = (name: string) => ({ project: { name, domain: { name: 'Default' } } })

describe('log-in', () => {
  it('gives a token that names user, project, roles and this server as image service', async () => {
    const answer = await post(password('ann', 'right', project('lab')))
    expect(answer.statusCode).toBe(201)
    const { token } = answer.json()
    expect(token.project).toEqual({ id: 'p1', name: 'lab', domain: { id: 'default', name: 'Default' } })
    expect(token.roles).toEqual([{ id: 'Admin', name: 'Admin' }])
    expect(token.catalog.find((each: { type: string }) => each.type === 'image').endpoints).toHaveLength(3)
    const caller = await identityOf().authenticate({ 'x-auth-token': String(answer.headers['x-subject-token']) })
    expect(caller).toMatchObject({ userId: 'id-ann', projectId: 'p1', roles: ['admin'], readOnly: false })
  })

  it('keeps no token in clear', async () => {
    const token = String((await post(password('ann'))).headers['x-subject-token'])
    expect(token).toHaveLength(43)
    expect(JSON.stringify([...kept])).not.toContain(token)
  })

  it('refuses wrong password, unknown user, disabled user, foreign project and foreign domain alike', async () => {
    const foreign = password('ann')
    foreign.auth.identity.password.user.domain.id = 'elsewhere'
    const bodies = [
      password('ann', 'wrong'),
      password('nobody'),
      password('off'),
      password('ann', 'right', project('yard')),
      foreign,
    ]
    const answers = await Promise.all(bodies.map((body) => post(body)))
    expect(answers.map((answer) => answer.statusCode)).toEqual([401, 401, 401, 401, 401])
    expect(new Set(answers.map((answer) => answer.body)).size).toBe(1)
    expect(answers[0]?.headers['www-authenticate']).toContain('Keystone')
  })

  it('names field and rule of a malformed request', async () => {
    const answer = await post({ auth: { identity: { methods: 'password' } } })
    expect(answer.statusCode).toBe(400)
    expect(answer.json().error.message).toContain('/auth/identity/methods must be array')
  })

  it('without a scope takes the only project, and of several none', async () => {
    expect((await post(password('ann'))).json().token.project?.id).toBe('p1')
    expect((await post(password('bob'))).json().token.project).toBeUndefined()
    expect((await post(password('ann', 'right', 'unscoped'))).json().token.project).toBeUndefined()
  })

  it('locks a user out after too many wrong passwords, the right one included', async () => {
    const own = appOf(identityOf({ maxFailures: 2 }))
    await post(password('bob', 'wrong'), own)
    await post(password('bob', 'wrong'), own)
    expect((await post(password('bob'), own)).statusCode).toBe(401)
    expect((await post(password('ann'), own)).statusCode).toBe(201)
    await own.close()
  })
})

describe('tokens', () => {
  const tokenOf = async (name: string) =>
    String((await post(password(name, 'right', project('lab')))).headers['x-subject-token'])

  it('can be traded for another project', async () => {
    const id = await tokenOf('bob')
    const answer = await post({ auth: { identity: { methods: ['token'], token: { id } }, scope: project('yard') } })
    expect(answer.json().token.project.id).toBe('p2')
  })

  it('show and end: their own for users, any for an administrator', async () => {
    const [ann, bob] = [await tokenOf('ann'), await tokenOf('bob')]
    const ask = (method: 'GET' | 'HEAD' | 'DELETE', caller: string, subject: string) =>
      app.inject({
        method,
        url: '/identity/v3/auth/tokens',
        headers: { 'x-auth-token': caller, 'x-subject-token': subject },
      })
    expect((await ask('GET', bob, bob)).json().token.user.name).toBe('bob')
    expect((await ask('GET', bob, ann)).statusCode).toBe(403)
    expect((await ask('HEAD', ann, bob)).statusCode).toBe(200)
    expect((await ask('DELETE', ann, bob)).statusCode).toBe(204)
    expect((await ask('GET', ann, bob)).statusCode).toBe(404)
    expect((await ask('GET', bob, bob)).statusCode).toBe(401)
  })

  it('end with their time and with their user', async () => {
    const brief = appOf(identityOf({ tokenSeconds: 0 }))
    const gone = String((await post(password('ann'), brief)).headers['x-subject-token'])
    expect(await identityOf().authenticate({ 'x-auth-token': gone })).toBeUndefined()
    await brief.close()
    const token = await tokenOf('bob')
    const before = await readUsersFile(join(folder, 'users.yaml'))
    await writeUsersFile(join(folder, 'users.yaml'), {
      ...before,
      users: before.users.filter((user) => user.name !== 'bob'),
    })
    expect(await identityOf().authenticate({ 'x-auth-token': token })).toBeUndefined()
    await writeUsersFile(join(folder, 'users.yaml'), before)
  })

  it('that are malformed are nobody', async () => {
    for (const token of ['', 'x', 'x'.repeat(100_000)]) {
      expect(await identityOf().authenticate({ 'x-auth-token': token })).toBeUndefined()
    }
  })
})

describe('discovery and projects', () => {
  it('tells version 3', async () => {
    expect((await app.inject('/identity')).statusCode).toBe(300)
    expect((await app.inject('/identity/v3')).json().version.id).toMatch(/^v3\./)
  })

  it('lists all projects for an administrator, own ones for others, by name when asked', async () => {
    const tokens = await Promise.all(
      ['ann', 'bob'].map(async (name) =>
        String((await post(password(name, 'right', project('lab')))).headers['x-subject-token']),
      ),
    )
    const names = async (token: string | undefined, url: string) => {
      const answer = await app.inject({ url, headers: { 'x-auth-token': token ?? '' } })
      return answer.json().projects.map((each: { name: string }) => each.name)
    }
    expect(await names(tokens[0], '/identity/v3/projects')).toEqual(['lab', 'yard'])
    expect(await names(tokens[0], '/identity/v3/auth/projects')).toEqual(['lab'])
    expect(await names(tokens[1], '/identity/v3/projects?name=yard')).toEqual(['yard'])
    expect((await app.inject('/identity/v3/projects')).statusCode).toBe(401)
  })
})
