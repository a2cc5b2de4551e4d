import { renderList } from '../output.ts'
import { path } from '../service.ts'
import type { Verb } from '../verb.ts'

export const imageTagUpdate: Verb = (command, shell) => {
  command
    .argument('<IMAGE_ID>', 'ID of the image that gets the tag.')
    .argument('<TAG_VALUE>', 'The tag.')
    .action(async (imageId: string, tag: string) => {
      const service = await shell.connect()
      const reply = await service.send('PUT', path`/v2/images/${imageId}/tags/${tag}`)
      reply.body.resume()
      shell.print(renderList(['ID', 'Tags'], [await service.json('GET', path`/v2/images/${imageId}`)]))
    })
}
