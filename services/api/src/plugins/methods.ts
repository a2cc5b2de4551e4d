import { GlanceError } from '@glance/shared/errors/error'
import type { FastifyInstance } from 'fastify'

/** The order in which Allow names methods. */
const ORDER = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']
/** Methods that an unknown path answers with 404; any other token with 501. */
const KNOWN_METHODS = new Set([...ORDER, 'HEAD'])

interface PathMethods {
  readonly segments: readonly string[]
  readonly methods: Set<string>
}

/** Knows which methods each path takes; fills itself from the routes as they are added. */
export interface MethodTable {
  add(path: string, methods: readonly string[]): void
  /** Value of Allow for a path, undefined when no route has it. */
  allowFor(path: string): string | undefined
}

export function methodTable(): MethodTable {
  const paths: PathMethods[] = []
  const isSame = (known: readonly string[], segments: readonly string[]): boolean =>
    known.length === segments.length && known.every((segment, at) => segment === segments[at])
  const matches = (pattern: readonly string[], segments: readonly string[]): boolean =>
    pattern.length === segments.length &&
    pattern.every((part, at) => (part.startsWith(':') ? segments[at] !== '' : part === segments[at]))

  return {
    add: (path, methods) => {
      const segments = path.split('/')
      let entry = paths.find((known) => isSame(known.segments, segments))
      if (entry === undefined) {
        entry = { segments, methods: new Set() }
        paths.push(entry)
      }
      for (const method of methods) entry.methods.add(method)
    },
    allowFor: (path) => {
      const segments = path.split('/')
      const methods = paths.find((known) => matches(known.segments, segments))?.methods
      return methods && ORDER.filter((method) => methods.has(method)).join(', ')
    },
  }
}

/** Answers what no route under this instance has: 405 with Allow, 501 for an odd method, else 404. */
export function methodsPlugin(app: FastifyInstance, options: { table: MethodTable }): void {
  app.addHook('onRoute', (route) => {
    options.table.add(route.url, typeof route.method === 'string' ? [route.method] : route.method)
  })
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? ''
    const allow = options.table.allowFor(path)
    if (allow !== undefined) {
      reply.header('allow', allow)
      throw new GlanceError('MethodNotAllowed', `The method ${request.method} is not allowed for this resource.`)
    }
    if (!KNOWN_METHODS.has(request.method)) throw new GlanceError('NotImplemented')
    throw new GlanceError('NotFound', 'The resource could not be found.')
  })
}
