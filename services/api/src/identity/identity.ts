import type { IncomingHttpHeaders } from 'node:http'
import type { CallContext } from '@glance/shared/context'
import type { FastifyInstance } from 'fastify'

/** Who calls, as far as a token can tell; the request id joins it per request. */
export type Caller = Omit<CallContext, 'requestId'>

/**
 * Turns the credentials of a request into a caller. One provider serves one process (Keystone, built-in, none).
 *
 * Nothing here is asked for version documents, health checks and OPTIONS.
 */
export interface Identity {
  /**
   * The caller, or undefined when the request carries no valid credentials (answered 401). Rejects with Unavailable
   * when the identity service cannot be asked.
   */
  authenticate(headers: IncomingHttpHeaders): Promise<Caller | undefined>
  /** Value of WWW-Authenticate on 401 answers. */
  readonly challenge?: string
  /**
   * Adds the provider's own routes, mounted beside the image API and without its authentication.
   *
   * `app` is an encapsulated instance, so hooks and an error handler set on it stay inside. Request bodies are not
   * parsed by the framework: read them with `readJson` of `http/body.ts`. The query string is the raw text.
   */
  routes?(app: FastifyInstance): void
}
