import type { OutgoingHttpHeaders } from 'node:http'
import { GlanceError, isCode } from '@glance/shared/errors/error'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { ResumableDownload } from '../../bytes/desk.ts'
import { sendDownload } from '../../bytes/send.ts'
import { refuseBody } from '../../http/body.ts'
import { parseQuery } from '../../http/query-string.ts'
import { sendEmpty } from '../../http/send-json.ts'
import { clientSignal } from '../../plugins/signals.ts'
import { preferredFirst } from '../../query/preferred-stores.ts'
import { asksForRange, parseRange, type RangeHeaders } from '../../query/range.ts'
import { imageIdOf } from '../image-id.ts'
import type { RouteKit } from '../kit.ts'

/** GET /v2/images/{id}/file */
export function downloadImage(app: FastifyInstance, kit: RouteKit): void {
  const { registry, downloads, config } = kit

  app.get('/images/:imageId/file', { config: { operation: 'images.download' } }, async (request, reply) => {
    refuseBody(request)
    const imageId = imageIdOf(request)
    const { headers } = request.raw
    const { size, checksum, places: found } = await registry.openDownload(request.caller, { imageId })
    const places = preferredFirst(found, parseQuery(request.query as string), config)
    if (places.length === 0 || (size === 0 && asksForRange(headers))) return sendEmpty(reply, 204)

    const range = size === null ? undefined : rangeWithin(headers, { size, reply })
    const signal = clientSignal(request, reply)
    const wish = { imageId, context: request.caller, places, signal, ...(range === undefined ? {} : { range }) }
    const download = await downloads.openFirst(wish).catch(noneHasIt)
    if (download === undefined) return sendEmpty(reply, 204)

    // Content-MD5 carries hexadecimal, not base64: clients of this API compare it with the image's checksum.
    reply.header('content-type', 'application/octet-stream').header('content-length', download.length)
    if (checksum !== null) reply.header('content-md5', checksum)
    if (range !== undefined) reply.header('content-range', `bytes ${range.first}-${range.last}/${size}`)
    await stream(download, { kit, reply, signal, status: range === undefined ? 200 : 206 })
  })
}

function rangeWithin(headers: RangeHeaders, of: { size: number; reply: FastifyReply }) {
  try {
    return parseRange(headers, of.size)
  } catch (thrown) {
    if (isCode(thrown, 'RangeNotSatisfiable')) of.reply.header('content-range', `bytes */${of.size}`)
    throw thrown
  }
}

/** No location has the object any more: an image without data, as far as a client can tell. */
function noneHasIt(thrown: unknown): undefined {
  if (!isCode(thrown, 'StoreObjectNotFound')) throw thrown
}

async function stream(
  download: ResumableDownload,
  to: { kit: RouteKit; reply: FastifyReply; signal: AbortSignal; status: number },
): Promise<void> {
  const { reply, signal } = to
  const headers = reply.getHeaders() as OutgoingHttpHeaders
  reply.hijack()
  reply.raw.writeHead(to.status, headers)
  try {
    await sendDownload(download, {
      response: reply.raw,
      signal,
      onSent: (bytes) => {
        reply.request.sentBytes += bytes
      },
    })
  } catch (thrown) {
    // The status is out; a connection that ends too soon is all a client can be told.
    reply.raw.destroy()
    if (signal.aborted) return
    const reason = thrown instanceof GlanceError ? thrown.message : String(thrown)
    to.kit.log.warn({ request_id: reply.request.caller.requestId, reason }, 'download broke off')
  }
}
