import { GlanceError, toGlanceError } from '@glance/shared/errors/error'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { checkQuery } from '../http/query-string.ts'
import type { Identity } from '../identity/identity.ts'
import { REQUEST_ID_HEADER, requestIdFor } from './request-id.ts'

/**
 * Lets only known callers pass, and gives the request its id. Refusals before the caller is known carry no request
 * id; everything after does (Images v2 contract: layers a request passes).
 */
export function identityPlugin(
  app: FastifyInstance,
  options: { identity: Identity; maxRequestIdLength: number },
): void {
  const { identity, maxRequestIdLength } = options

  const admit = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const caller = await identity.authenticate(request.raw.headers)
    if (caller === undefined) throw new GlanceError('Unauthorized')
    const requestId = requestIdFor(request.raw.headers[REQUEST_ID_HEADER], maxRequestIdLength)
    request.caller = { ...caller, requestId }
    reply.header(REQUEST_ID_HEADER, requestId)
    // Paths without a route have their query parsed by the framework, and nobody looks at it.
    if (typeof request.query === 'string') checkQuery(request.query)
    if (caller.readOnly && request.method !== 'GET') throw new GlanceError('Forbidden')
  }

  app.addHook('onRequest', (request, reply, done) => {
    admit(request, reply).then(
      () => done(),
      (thrown) => done(toGlanceError(thrown)),
    )
  })
}
