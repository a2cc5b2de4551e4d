import { ReportedFailure } from '../command-error.ts'
import { HttpError } from '../http-error.ts'
import { path } from '../service.ts'
import type { Verb } from '../verb.ts'

export const imageDelete: Verb = (command, shell) => {
  command
    .argument('<IMAGE_ID...>', 'ID of an image to delete; several may be given.')
    .action(async (imageIds: readonly string[]) => {
      const service = await shell.connect()
      let failed = false
      for (const imageId of imageIds) {
        try {
          const reply = await service.send('DELETE', path`/v2/images/${imageId}`)
          reply.body.resume()
        } catch (error) {
          if (!(error instanceof HttpError)) throw error
          shell.complain(refusalText(imageId, error))
          failed = true
        }
      }
      if (failed) throw new ReportedFailure()
    })
}

function refusalText(imageId: string, error: HttpError): string {
  switch (error.status) {
    case 403:
      return `You are not permitted to delete the image '${imageId}'.`
    case 404:
      return `No image with an ID of '${imageId}' exists.`
    case 409:
      return `Unable to delete image '${imageId}' because it is in use.`
    default:
      return `'${error.message}': Unable to delete image '${imageId}'`
  }
}
