import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import { GlanceError, toGlanceError } from '@glance/shared/errors/error'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { baseUrl } from '../http/base-url.ts'
import { readJson } from '../http/body.ts'
import type { TokenDesk } from './token-desk.ts'
import { catalog, identityVersion, projectView } from './token-view.ts'
import type { TokenGrant } from './tokens.ts'

/** A token request is a few hundred bytes. */
const MOST_BODY = 16 * 1024

/**
 * The part of Keystone v3 that clients of an image service need, under /identity: discovery, tokens, the caller's
 * projects (Keystone v3: authentication and token management).
 */
export function identityRoutes(app: FastifyInstance, desk: TokenDesk): void {
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('x-openstack-request-id', `req-${randomUUID()}`).header('vary', 'X-Auth-Token')
  })
  app.setErrorHandler((thrown, _request, reply) => sendError(reply, thrown))
  discoveryRoutes(app, desk)
  tokenRoutes(app, desk)
  projectRoutes(app, desk)
}

function discoveryRoutes(app: FastifyInstance, desk: TokenDesk): void {
  for (const path of ['/identity', '/identity/']) {
    app.get(path, (request, reply) =>
      reply.code(300).send({ versions: { values: [identityVersion(baseOf(request, desk))] } }),
    )
  }
  for (const path of ['/identity/v3', '/identity/v3/']) {
    app.get(path, (request, reply) => reply.send({ version: identityVersion(baseOf(request, desk)) }))
  }
}

function tokenRoutes(app: FastifyInstance, desk: TokenDesk): void {
  const path = '/identity/v3/auth/tokens'
  const answer = (request: FastifyRequest, reply: FastifyReply, token: { token: string; grant: TokenGrant }) => {
    const isScoped = token.grant.caller.projectId !== null
    const body = isScoped
      ? { ...token.grant.body, catalog: catalog(baseOf(request, desk), desk.region) }
      : token.grant.body
    return reply.header('x-subject-token', token.token).send({ token: body })
  }

  app.post(path, async (request, reply) =>
    answer(request, reply.code(201), await desk.login(await readJson(request, reply, MOST_BODY))),
  )

  app.get(path, async (request, reply) => {
    const subject = await subjectOf(request, desk)
    return answer(request, reply, subject)
  })

  app.head(path, async (request, reply) => {
    await subjectOf(request, desk)
    return reply.code(200).send()
  })

  app.delete(path, async (request, reply) => {
    const subject = await subjectOf(request, desk)
    await desk.revoke(subject.token)
    return reply.code(204).send()
  })

  app.get('/identity/v3/auth/catalog', async (request, reply) => {
    await callerOf(request, desk)
    return reply.send({ catalog: catalog(baseOf(request, desk), desk.region) })
  })
}

function projectRoutes(app: FastifyInstance, desk: TokenDesk): void {
  app.get('/identity/v3/auth/projects', async (request, reply) => {
    const { own } = await desk.projectsOf(await callerOf(request, desk))
    return reply.send({ projects: own.map((project) => projectView(project, baseOf(request, desk))), links: {} })
  })
  app.get('/identity/v3/projects', async (request, reply) => {
    const { visible } = await desk.projectsOf(await callerOf(request, desk))
    const name = new URLSearchParams(request.raw.url?.split('?')[1] ?? '').get('name')
    const found = visible.filter((project) => name === null || project.name === name)
    return reply.send({ projects: found.map((project) => projectView(project, baseOf(request, desk))), links: {} })
  })
  app.get<{ Params: { id: string } }>('/identity/v3/projects/:id', async (request, reply) => {
    const { visible } = await desk.projectsOf(await callerOf(request, desk))
    const project = visible.find((each) => each.id === request.params.id)
    if (project === undefined) throw new GlanceError('NotFound', `Could not find project: ${request.params.id}.`)
    return reply.send({ project: projectView(project, baseOf(request, desk)) })
  })
}

async function callerOf(request: FastifyRequest, desk: TokenDesk): Promise<TokenGrant> {
  const token = request.headers['x-auth-token']
  const grant = typeof token === 'string' ? await desk.find(token) : undefined
  if (grant === undefined) throw new GlanceError('Unauthorized')
  return grant
}

/** The token asked about: one's own, or anybody's for an administrator or a service. */
async function subjectOf(request: FastifyRequest, desk: TokenDesk): Promise<{ token: string; grant: TokenGrant }> {
  const caller = await callerOf(request, desk)
  const token = request.headers['x-subject-token']
  if (typeof token !== 'string') throw new GlanceError('BadRequest', 'header X-Subject-Token is required')
  const grant = await desk.find(token)
  if (grant === undefined) throw new GlanceError('NotFound', 'Could not find token.')
  const isOwn = grant.caller.userId === caller.caller.userId
  if (!isOwn && !caller.caller.roles.some((role) => role === 'admin' || role === 'service'))
    throw new GlanceError('Forbidden')
  return { token, grant }
}

function baseOf(request: FastifyRequest, desk: TokenDesk): string {
  return baseUrl(request, desk.publicEndpoint)
}

/** Keystone's error body, which its clients read. */
function sendError(reply: FastifyReply, thrown: unknown): FastifyReply {
  const error = toGlanceError(thrown)
  const code = error.row.status
  if (code === 401) reply.header('www-authenticate', 'Keystone uri="/identity/v3"')
  return reply.code(code).send({ error: { code, title: STATUS_CODES[code] ?? '', message: error.message } })
}
