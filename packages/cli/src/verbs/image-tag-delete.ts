import { path } from '../service.ts'
import type { Verb } from '../verb.ts'

export const imageTagDelete: Verb = (command, shell) => {
  command
    .argument('<IMAGE_ID>', 'ID of the image that loses the tag.')
    .argument('<TAG_VALUE>', 'The tag.')
    .action(async (imageId: string, tag: string) => {
      const service = await shell.connect()
      const reply = await service.send('DELETE', path`/v2/images/${imageId}/tags/${tag}`)
      reply.body.resume()
    })
}
