import { GlanceError, isCode } from '@glance/shared/errors/error'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { readJson } from '../../http/body.ts'
import { sendJson } from '../../http/send-json.ts'
import { ACCEPT_PATCH, type PatchDialect, parsePatch, patchDialect } from '../../query/json-patch.ts'
import { imageIdOf } from '../image-id.ts'
import type { RouteKit } from '../kit.ts'

/** PATCH /v2/images/{id} */
export function patchImage(app: FastifyInstance, { registry, viewImage, attributes, config }: RouteKit): void {
  app.patch('/images/:imageId', { config: { operation: 'images.patch' } }, async (request, reply) => {
    const dialect = dialectOf(request.headers['content-type'], reply)
    const body = await readJson(request, reply, config.jsonBodyLimit)
    const operations = parsePatch(body, dialect, attributes)
    if (!config.showMultipleLocations && operations.some(({ path }) => path[0] === 'locations')) {
      throw new GlanceError('Forbidden', 'Locations cannot be changed this way on this service.')
    }
    const image = await registry.patchImage(request.caller, { imageId: imageIdOf(request), dialect, operations })
    sendJson(reply, 200, viewImage(image))
  })
}

/** A refused media type tells which ones would do (RFC 5789 §2.2). */
function dialectOf(contentType: string | undefined, reply: FastifyReply): PatchDialect {
  try {
    return patchDialect(contentType)
  } catch (thrown) {
    if (isCode(thrown, 'UnsupportedMediaType')) reply.header('accept-patch', ACCEPT_PATCH)
    throw thrown
  }
}
