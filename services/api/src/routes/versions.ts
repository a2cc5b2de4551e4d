import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { baseUrl } from '../http/base-url.ts'
import { sendJson } from '../http/send-json.ts'
import type { ApiConfig } from '../parts.ts'
import { versionsView } from '../view/versions.ts'

/**
 * The version documents, which need no caller (Images v2 contract: version discovery): `/versions` by any method,
 * and 300 for `/` and every first path segment that is no version.
 */
export function versionRoutes(app: FastifyInstance, config: ApiConfig): void {
  const answer = (status: number) => (request: FastifyRequest, reply: FastifyReply) => {
    sendJson(reply, status, versionsView(config, baseUrl(request, config.publicEndpoint)))
  }
  const options = { config: { operation: 'versions.list' } }
  app.all('/versions', options, answer(200))
  app.all('/versions/*', options, answer(200))
  app.setNotFoundHandler(answer(300))
}

/** `/v2` alone leads to `/v2/`, for known callers. */
export function versionRedirect(app: FastifyInstance, config: ApiConfig): void {
  app.all('/', { prefixTrailingSlash: 'no-slash', config: { operation: 'versions.redirect' } }, (request, reply) => {
    void reply.redirect(`${baseUrl(request, config.publicEndpoint)}/v2/`, 302)
  })
}
