import type { FastifyInstance } from 'fastify'
import { refuseBody } from '../../http/body.ts'
import { sendEmpty } from '../../http/send-json.ts'
import { imageIdOf } from '../image-id.ts'
import type { RouteKit } from '../kit.ts'
import { tagOf } from './tag.ts'

/** PUT /v2/images/{id}/tags/{tag} */
export function addTag(app: FastifyInstance, { registry }: RouteKit): void {
  app.put('/images/:imageId/tags/:tag', { config: { operation: 'tags.add' } }, async (request, reply) => {
    refuseBody(request)
    await registry.addTag(request.caller, { imageId: imageIdOf(request), tag: tagOf(request) })
    sendEmpty(reply, 204)
  })
}
