import { GlanceError } from '@glance/shared/errors/error'
import type { FastifyInstance } from 'fastify'
import { sendEmpty } from '../../http/send-json.ts'
import { announcedSize, checkUploadType, chosenStore } from '../../query/upload-headers.ts'
import { imageIdOf } from '../image-id.ts'
import type { RouteKit } from '../kit.ts'
import { runUpload } from './upload-flow.ts'

/** PUT /v2/images/{id}/file */
export function uploadImage(app: FastifyInstance, kit: RouteKit): void {
  const { config } = kit
  app.put('/images/:imageId/file', { config: { operation: 'images.upload' } }, async (request, reply) => {
    const { headers } = request.raw
    checkUploadType(headers)
    const size = announcedSize(headers)
    const store = chosenStore(headers, config)
    if (size !== undefined && size > config.imageSizeCap) {
      throw new GlanceError('TooLarge', `An image has at most ${config.imageSizeCap} bytes.`)
    }
    await runUpload(kit, { request, reply, imageId: imageIdOf(request), size, store })
    sendEmpty(reply, 204)
  })
}
