import type { OutgoingHttpHeaders } from 'node:http'
import { GlanceError, toGlanceError } from '@glance/shared/errors/error'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { errorBody } from '../http/error-body.ts'
import { answerAndLinger, isStillSending } from '../http/linger.ts'
import { errorShape } from '../http/negotiate.ts'
import { sendText } from '../http/send-json.ts'
import type { ApiLog } from '../parts.ts'
import { REQUEST_ID_HEADER } from './request-id.ts'

/** Seconds a client should wait before it tries again after 503. */
const RETRY_AFTER = '5'

/** Turns anything thrown into the one kind of answer clients read; the only place that does. */
export function errorsPlugin(app: FastifyInstance, options: { log: ApiLog; challenge?: string | undefined }): void {
  app.setErrorHandler((thrown, request, reply) => {
    const error = fromFramework(thrown)
    logFault(options.log, error, { request, reply })
    answerError(error, { request, reply, challenge: options.challenge })
  })
}

/** Answers a request with an error, in the shape its Accept header asks for (Images v2 contract: error bodies). */
export function answerError(
  error: GlanceError,
  to: { request: FastifyRequest; reply: FastifyReply; challenge?: string | undefined },
): void {
  const { request, reply, challenge } = to
  const { status, message } = error.row
  if (reply.raw.headersSent || reply.raw.destroyed || error.code === 'ClientGone') {
    reply.hijack()
    reply.raw.destroy()
    return
  }
  if (status === 503) reply.header('retry-after', RETRY_AFTER)
  if (status === 401 && challenge !== undefined) reply.header('www-authenticate', challenge)
  // What went wrong inside is for the log alone.
  const explanation = status >= 500 ? message : error.message
  const body = errorBody(status, explanation, errorShape(request.raw.headers.accept))
  if (!isStillSending(request.raw)) {
    sendText(reply, status, body)
    return
  }
  const headers = { ...(reply.getHeaders() as OutgoingHttpHeaders), 'content-type': body.contentType }
  reply.hijack()
  answerAndLinger(request.raw, reply.raw, { status, headers, body: body.text })
}

/** The framework's own refusals have a status of their own; whatever else is no GlanceError is a fault of ours. */
function fromFramework(thrown: unknown): GlanceError {
  if (thrown instanceof GlanceError) return thrown
  const status = thrown instanceof Error && 'statusCode' in thrown ? thrown.statusCode : undefined
  const isClientFault = typeof status === 'number' && status >= 400 && status < 500
  return isClientFault ? new GlanceError('BadRequest', undefined, { cause: thrown }) : toGlanceError(thrown)
}

function logFault(log: ApiLog, error: GlanceError, on: { request: FastifyRequest; reply: FastifyReply }): void {
  if (error.row.status < 500) return
  const request_id = on.reply.getHeader(REQUEST_ID_HEADER)
  const fields = { request_id, operation: on.request.routeOptions.config.operation, code: error.code }
  if (error.code === 'Internal') log.error({ ...fields, err: error.cause ?? error }, 'request failed')
  else log.warn({ ...fields, reason: error.message }, 'request could not be served')
}
