import type { FastifyInstance } from 'fastify'
import { refuseBody } from '../../http/body.ts'
import { sendJson } from '../../http/send-json.ts'
import type { RouteKit } from '../kit.ts'

/** GET /v2/info/import */
export function importInfo(app: FastifyInstance, { config }: RouteKit): void {
  const view = {
    'import-methods': {
      description: 'Import methods available.',
      type: 'array',
      value: config.enabledImportMethods,
    },
  }
  app.get('/info/import', { config: { operation: 'info.import' } }, async (request, reply) => {
    refuseBody(request)
    sendJson(reply, 200, view)
  })
}
