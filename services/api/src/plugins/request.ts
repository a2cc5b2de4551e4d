import type { CallContext } from '@glance/shared/context'
import type { FastifyInstance } from 'fastify'

/** What the plugins know about a request beside the framework's own. */
declare module 'fastify' {
  interface FastifyRequest {
    /** Who calls; set once the caller is known, so every route under /v2 may rely on it. */
    caller: CallContext
    /** Body bytes that went out past the framework (downloads). */
    sentBytes: number
    /** The AbortSignal of the client's leaving; made when first asked for. */
    clientGone: AbortSignal | null
  }
  interface FastifyContextConfig {
    /** Dotted operation name for logs and metrics. */
    operation?: string
  }
}

/** Declares those fields once, so that all requests have one shape. */
export function requestPlugin(app: FastifyInstance): void {
  app.decorateRequest('caller', undefined as unknown as CallContext)
  app.decorateRequest('sentBytes', 0)
  app.decorateRequest('clientGone', null)
}
