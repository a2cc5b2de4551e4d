import type { FastifyInstance } from 'fastify'
import { refuseBody } from '../../http/body.ts'
import { sendEmpty } from '../../http/send-json.ts'
import { imageIdOf } from '../image-id.ts'
import type { RouteKit } from '../kit.ts'

/** DELETE /v2/images/{id} */
export function deleteImage(app: FastifyInstance, { registry }: RouteKit): void {
  app.delete('/images/:imageId', { config: { operation: 'images.delete' } }, async (request, reply) => {
    refuseBody(request)
    await registry.deleteImage(request.caller, { imageId: imageIdOf(request) })
    sendEmpty(reply, 204)
  })
}
