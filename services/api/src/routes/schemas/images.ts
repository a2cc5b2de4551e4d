import type { FastifyInstance } from 'fastify'
import { refuseBody } from '../../http/body.ts'
import { sendJson } from '../../http/send-json.ts'
import { imagesSchemaDocument } from '../../view/schemas.ts'
import type { RouteKit } from '../kit.ts'

/** GET /v2/schemas/images */
export function imagesSchema(app: FastifyInstance, { attributes }: RouteKit): void {
  app.get('/schemas/images', { config: { operation: 'schemas.images' } }, async (request, reply) => {
    refuseBody(request)
    sendJson(reply, 200, imagesSchemaDocument(attributes))
  })
}
