import type { FastifyInstance } from 'fastify'
import { parseQuery } from '../../http/query-string.ts'
import { sendJson } from '../../http/send-json.ts'
import { parseListQuery } from '../../query/list-query.ts'
import { imageListView } from '../../view/list.ts'
import type { RouteKit } from '../kit.ts'

/** GET /v2/images */
export function listImages(app: FastifyInstance, { registry, viewImage, config }: RouteKit): void {
  app.get('/images', { config: { operation: 'images.list' } }, async (request, reply) => {
    const pairs = parseQuery(request.query as string)
    const query = parseListQuery(pairs, config)
    const { images, more } = await registry.listImages(request.caller, { query })
    sendJson(reply, 200, imageListView(images.map(viewImage), { pairs, more }))
  })
}
