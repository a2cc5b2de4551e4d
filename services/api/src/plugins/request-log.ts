import type { FastifyInstance, FastifyReply } from 'fastify'
import type { ApiLog } from '../parts.ts'
import { REQUEST_ID_HEADER } from './request-id.ts'

/** Longest path written; what is longer is nobody's image. */
const MAX_PATH = 512

/** Tells every request once it is over. Headers and bodies are never written, so no token can be. */
export function requestLogPlugin(app: FastifyInstance, options: { log: ApiLog }): void {
  app.addHook('onResponse', (request, reply, done) => {
    const { caller } = request
    const aborted = !reply.raw.writableFinished
    options.log.info(
      {
        operation: request.routeOptions.config.operation ?? 'unknown',
        method: request.method,
        path: request.originalUrl.slice(0, MAX_PATH),
        status: reply.raw.statusCode,
        bytes: aborted ? request.sentBytes : announcedLength(reply),
        ms: Math.round(reply.elapsedTime * 10) / 10,
        project_id: caller?.projectId ?? null,
        user_id: caller?.userId ?? null,
        request_id: caller?.requestId ?? reply.getHeader(REQUEST_ID_HEADER) ?? null,
        ...(aborted ? { aborted } : {}),
      },
      'request',
    )
    done()
  })
}

function announcedLength(reply: FastifyReply): number {
  const length = reply.getHeader('content-length')
  return length === undefined ? 0 : Number(length)
}
