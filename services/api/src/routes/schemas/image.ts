import type { FastifyInstance } from 'fastify'
import { refuseBody } from '../../http/body.ts'
import { sendJson } from '../../http/send-json.ts'
import { imageSchemaDocument } from '../../view/schemas.ts'
import type { RouteKit } from '../kit.ts'

/** GET /v2/schemas/image */
export function imageSchema(app: FastifyInstance, { attributes }: RouteKit): void {
  app.get('/schemas/image', { config: { operation: 'schemas.image' } }, async (request, reply) => {
    refuseBody(request)
    sendJson(reply, 200, imageSchemaDocument(attributes))
  })
}
