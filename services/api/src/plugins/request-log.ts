import type { LogFields } from '@glance/shared/log'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ApiLog } from '../parts.ts'
import { REQUEST_ID_HEADER } from './request-id.ts'

/** Longest path written; what is longer is nobody's image. */
const MAX_PATH = 512

/**
 * Tells every request once it is over, also when the client did not wait for the end. Headers and bodies are never
 * written, so no token can be.
 */
export function requestLogPlugin(app: FastifyInstance, options: { log: ApiLog }): void {
  app.addHook('onRequest', (request, reply, done) => {
    const began = performance.now()
    // The framework's own hook says nothing of connections that break before the answer is out.
    reply.raw.once('close', () => options.log.info(describe({ request, reply }, began), 'request'))
    done()
  })
}

function describe({ request, reply }: { request: FastifyRequest; reply: FastifyReply }, began: number): LogFields {
  const { caller } = request
  const isComplete = reply.raw.writableFinished
  return {
    operation: request.routeOptions.config.operation ?? 'unknown',
    method: request.method,
    path: request.originalUrl.slice(0, MAX_PATH),
    status: reply.raw.statusCode,
    bytes: isComplete ? announcedLength(reply) : request.sentBytes,
    ms: Math.round((performance.now() - began) * 10) / 10,
    project_id: caller?.projectId ?? null,
    user_id: caller?.userId ?? null,
    request_id: caller?.requestId ?? reply.getHeader(REQUEST_ID_HEADER) ?? null,
    ...(isComplete ? {} : { aborted: true }),
  }
}

function announcedLength(reply: FastifyReply): number {
  const length = reply.getHeader('content-length')
  return length === undefined ? 0 : Number(length)
}
