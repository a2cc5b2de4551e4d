import type { FastifyInstance } from 'fastify'
import { refuseBody } from '../../http/body.ts'
import { sendJson } from '../../http/send-json.ts'
import { imageIdOf } from '../image-id.ts'
import type { RouteKit } from '../kit.ts'

/** GET /v2/images/{id} */
export function showImage(app: FastifyInstance, { registry, viewImage }: RouteKit): void {
  app.get('/images/:imageId', { config: { operation: 'images.show' } }, async (request, reply) => {
    refuseBody(request)
    const image = await registry.getImage(request.caller, { imageId: imageIdOf(request) })
    sendJson(reply, 200, viewImage(image))
  })
}
