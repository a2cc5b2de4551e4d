import type { FastifyInstance } from 'fastify'
import { baseUrl } from '../../http/base-url.ts'
import { readJsonObject } from '../../http/body.ts'
import { sendJson } from '../../http/send-json.ts'
import { parseImageBody } from '../../query/image-body.ts'
import type { RouteKit } from '../kit.ts'

/** POST /v2/images */
export function createImage(app: FastifyInstance, { registry, viewImage, attributes, config }: RouteKit): void {
  const importMethods = config.enabledImportMethods.join(',')
  const storeIds = config.multistore ? config.stores.map(({ id }) => id).join(',') : ''

  app.post('/images', { config: { operation: 'images.create' } }, async (request, reply) => {
    const body = await readJsonObject(request, reply, config.jsonBodyLimit)
    const draft = parseImageBody(body, attributes)
    const image = await registry.createImage(request.caller, { draft })
    reply.header('location', `${baseUrl(request, config.publicEndpoint)}/v2/images/${image.id}`)
    if (importMethods !== '') reply.header('openstack-image-import-methods', importMethods)
    if (storeIds !== '') reply.header('openstack-image-store-ids', storeIds)
    sendJson(reply, 201, viewImage(image))
  })
}
