import { GlanceError } from '@glance/shared/errors/error'
import type { FastifyInstance } from 'fastify'
import { refuseBody } from '../../http/body.ts'
import { sendJson } from '../../http/send-json.ts'
import type { StoreInfo } from '../../parts.ts'
import type { RouteKit } from '../kit.ts'

/** GET /v2/info/stores */
export function storesInfo(app: FastifyInstance, { config }: RouteKit): void {
  const view = { stores: config.stores.map(storeView) }
  app.get('/info/stores', { config: { operation: 'info.stores' } }, async (request, reply) => {
    refuseBody(request)
    if (!config.multistore) throw new GlanceError('NotFound', 'Multi backend is not supported at this site.')
    sendJson(reply, 200, view)
  })
}

/** The flags are strings and stand only when true (Images v2 contract: info). */
function storeView(store: StoreInfo): Record<string, string> {
  return {
    id: store.id,
    ...(store.description === undefined ? {} : { description: store.description }),
    ...(store.isDefault ? { default: 'true' } : {}),
    ...(store.readOnly ? { 'read-only': 'true' } : {}),
  }
}
