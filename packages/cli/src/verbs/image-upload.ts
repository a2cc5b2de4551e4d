import { CommandError } from '../command-error.ts'
import { checkStore, findImageData, sendImageData } from '../image-data.ts'
import { fromEnvironment, wholeNumber } from '../options.ts'
import { path } from '../service.ts'
import type { Verb } from '../verb.ts'

interface ImageUploadOptions {
  readonly file?: string
  readonly size?: number
  readonly progress?: boolean
  readonly store?: string
}

export const imageUpload: Verb = (command, shell) => {
  command
    .argument('<IMAGE_ID>', 'ID of the image the data belongs to.')
    .option('--file <FILE>', 'File holding the data; standard input is read when absent.')
    .option(
      '--size <IMAGE_SIZE>',
      'Bytes to come, where the data itself cannot tell; the service refuses any other amount.',
      wholeNumber(),
    )
    .option('--progress', 'Show a progress bar.')
    .addOption(fromEnvironment(shell.io.env, ['--store <STORE>', 'Store the data goes to.', 'OS_IMAGE_STORE']))
    .action(async (imageId: string, options: ImageUploadOptions) => {
      const data = await findImageData(options.file, shell.io)
      if (data === undefined)
        throw new CommandError('No image data: name a file with --file or redirect standard input.')
      const service = await shell.connect()
      if (options.store) await checkStore(service, options.store)
      await sendImageData(service, path`/v2/images/${imageId}/file`, { ...options, data, io: shell.io })
    })
}
