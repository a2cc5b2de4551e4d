import { renderImage } from '../image-view.ts'
import { wholeNumber } from '../options.ts'
import { DEFAULT_COLUMN_WIDTH } from '../output.ts'
import { path } from '../service.ts'
import type { Verb } from '../verb.ts'

interface ImageShowOptions {
  readonly humanReadable?: boolean
  readonly maxColumnWidth: number
}

export const imageShow: Verb = (command, shell) => {
  command
    .argument('<IMAGE_ID>', 'ID of the image.')
    .option('--human-readable', 'Show the size with a unit.')
    .option(
      '--max-column-width <integer>',
      'Width at which cells of the table are wrapped.',
      wholeNumber(1),
      DEFAULT_COLUMN_WIDTH,
    )
    .action(async (imageId: string, options: ImageShowOptions) => {
      const service = await shell.connect()
      shell.print(renderImage(await service.json('GET', path`/v2/images/${imageId}`), options))
    })
}
