import { GlanceError } from '@glance/shared/errors/error'
import type { FastifyReply, FastifyRequest } from 'fastify'

/**
 * Aborts, with ClientGone, when the connection closes before the answer is out. Made when first asked for: most
 * operations are over before anybody could profit from it.
 */
export function clientSignal(request: FastifyRequest, reply: FastifyReply): AbortSignal {
  if (request.clientGone !== null) return request.clientGone
  const controller = new AbortController()
  const leave = (): void => {
    if (!reply.raw.writableFinished) controller.abort(new GlanceError('ClientGone'))
  }
  if (reply.raw.destroyed) leave()
  else reply.raw.once('close', leave)
  request.clientGone = controller.signal
  return controller.signal
}
