import { CommandError } from '../command-error.ts'
import { checkStore, findImageData, sendImageData } from '../image-data.ts'
import { declareImageFields, type ImageFieldOptions, readImageFields } from '../image-fields.ts'
import { type Image, renderImage } from '../image-view.ts'
import { asString } from '../json.ts'
import { fromEnvironment } from '../options.ts'
import { path } from '../service.ts'
import type { Shell, Verb } from '../verb.ts'

interface ImageCreateOptions extends ImageFieldOptions {
  readonly file?: string
  readonly progress?: boolean
  readonly store?: string
}

export const imageCreate: Verb = (command, shell) => {
  declareImageFields(command)
  command
    .option('--id <ID>', 'ID of the image; chosen by the service when absent.')
    .option('--file <FILE>', 'File holding the data; standard input is read when something is redirected there.')
    .option('--progress', 'Show a progress bar for the data.')
    .addOption(fromEnvironment(shell.io.env, ['--store <STORE>', 'Store the data goes to.', 'OS_IMAGE_STORE']))
    .action((options: ImageCreateOptions) => createImage(options, shell))
}

async function createImage(options: ImageCreateOptions, shell: Shell): Promise<void> {
  const properties = readImageFields(options)
  const hasData = Boolean(options.file) || shell.io.stdin.kind === 'data'
  if (hasData) requireFormats(properties, options.file ? '--file' : 'stdin')
  if (options.store && !hasData)
    throw new CommandError('--store option should only be provided with --file option or stdin.')
  const data = await findImageData(options.file, shell.io)
  const service = await shell.connect()
  if (options.store) await checkStore(service, options.store)
  let image: Image = await service.json('POST', '/v2/images', { json: properties })
  try {
    if (data) {
      const imageId = asString(image.id) ?? ''
      await sendImageData(service, path`/v2/images/${imageId}/file`, {
        data,
        store: options.store,
        progress: options.progress,
        io: shell.io,
      })
      image = await service.json('GET', path`/v2/images/${imageId}`)
    }
  } finally {
    // Printed after a failed upload too: the queued image is there and its id is needed to go on with it.
    shell.print(renderImage(image))
  }
}

/** Data can only be stored once both formats are set, so their absence is told before anything is created. */
function requireFormats(properties: Readonly<Record<string, unknown>>, source: string): void {
  const missing = ['disk_format', 'container_format'].filter((name) => !properties[name])
  if (missing.length === 0) return
  const options = missing.map((name) => `--${name.replace('_', '-')}`).join(', ')
  throw new CommandError(`error: Must provide ${options} when using ${source}.`)
}
