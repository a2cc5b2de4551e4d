import type { FastifyInstance } from 'fastify'
import { prefersJson } from '../http/negotiate.ts'
import { sendJson, sendText } from '../http/send-json.ts'
import type { HealthAnswer } from '../parts.ts'

/** GET and HEAD /healthcheck, for load balancers: no caller needed. */
export function healthcheck(app: FastifyInstance, health: () => Promise<HealthAnswer>): void {
  app.route({
    method: ['GET', 'HEAD'],
    url: '/healthcheck',
    config: { operation: 'healthcheck' },
    handler: async (request, reply) => {
      const { healthy, reasons } = await health()
      const status = healthy ? 200 : 503
      if (prefersJson(request.headers.accept)) sendJson(reply, status, { detailed: false, reasons })
      else sendText(reply, status, { contentType: 'text/plain; charset=UTF-8', text: reasons.join('\n') })
    },
  })
}
