import type { IncomingMessage, ServerResponse } from 'node:http'
import { GlanceError } from '@glance/shared/errors/error'
import Fastify, { type FastifyInstance } from 'fastify'
import { answerParserFault } from './http/client-error.ts'
import { routedUrl } from './http/version-path.ts'
import type { ApiParts } from './parts.ts'
import { answerError, errorsPlugin } from './plugins/errors.ts'
import { identityPlugin } from './plugins/identity.ts'
import { type MethodTable, methodsPlugin, methodTable } from './plugins/methods.ts'
import { requestPlugin } from './plugins/request.ts'
import { requestLogPlugin } from './plugins/request-log.ts'
import { healthcheck } from './routes/healthcheck.ts'
import { addRoutes } from './routes/index.ts'
import { versionRedirect, versionRoutes } from './routes/versions.ts'
import { imageAttributes } from './schema/image-attributes.ts'
import { imageView } from './view/image.ts'
import { acceptedVersions } from './view/versions.ts'

/** Room for a long list of ids in one filter; longer request heads are answered 431. Bytes. */
const MAX_HEADER_SIZE = 64 * 1024
/** Longer than load balancers keep idle connections, so that they close first. Milliseconds. */
const KEEP_ALIVE_MS = 75_000
const HEADERS_TIMEOUT_MS = 60_000

/**
 * The REST gateway, ready to listen or to be injected into. It owns none of its parts: closing it closes the server
 * alone.
 *
 * Bodies are never touched by the framework: operations that want one read it themselves, so that an upload stays a
 * stream and a refusal costs nothing. The query string reaches routes as raw text.
 */
export function buildApi(parts: ApiParts): FastifyInstance {
  const table = methodTable()
  const app = createServer(parts, table)
  requestPlugin(app)
  errorsPlugin(app, { log: parts.log, challenge: parts.identity.challenge })
  requestLogPlugin(app, { log: parts.log })

  app.options('/*', { config: { operation: 'options' } }, (_request, reply) => {
    void reply.send()
  })
  healthcheck(app, parts.health)
  versionRoutes(app, parts.config)
  const { identity } = parts
  if (identity.routes !== undefined) app.register(async (own) => identity.routes?.(own))
  app.register(async (v2) => imageApi(v2, parts, table), { prefix: '/v2' })
  return app
}

/** Everything a caller is needed for. */
function imageApi(v2: FastifyInstance, parts: ApiParts, table: MethodTable): void {
  const { config, identity } = parts
  identityPlugin(v2, { identity, maxRequestIdLength: config.maxRequestIdLength })
  methodsPlugin(v2, { table })
  versionRedirect(v2, config)
  addRoutes(v2, { ...parts, attributes: imageAttributes(config), viewImage: imageView(config) })
}

function createServer({ config, identity }: ApiParts, table: MethodTable): FastifyInstance {
  const ids = acceptedVersions(config)
  const app = Fastify({
    logger: false,
    exposeHeadRoutes: false,
    trustProxy: config.enableProxyHeaders,
    // An upload may take days; a request's head may not.
    requestTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_MS,
    http: { maxHeaderSize: MAX_HEADER_SIZE, headersTimeout: HEADERS_TIMEOUT_MS },
    return503OnClosing: false,
    routerOptions: {
      maxParamLength: MAX_HEADER_SIZE,
      querystringParser: (raw) => raw as unknown as Record<string, unknown>,
    },
    rewriteUrl: (request) => routedUrl(request.url ?? '/', request.headers.accept, { ids }),
    frameworkErrors: (_error, request, reply) => {
      const fault = new GlanceError('BadRequest', 'The path is not valid UTF-8.')
      answerError(fault, { request, reply, challenge: identity.challenge })
    },
    clientErrorHandler: (fault, socket) =>
      answerParserFault(fault, socket, (path) => {
        const allow = table.allowFor(path)
        return allow === undefined ? { status: 501 } : { status: 405, allow }
      }),
  })
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY']) {
    app.addHttpMethod(method, { hasBody: false, overrideExisting: true })
  }
  // Left to the operation: some answer a waiting client only when they know where its bytes will go.
  app.server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => app.routing(request, response))
  return app
}
