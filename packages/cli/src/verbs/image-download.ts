import { pipeline } from 'node:stream/promises'
import { CommandError } from '../command-error.ts'
import { type ExpectedDigest, expectedDigest, md5Digest, verified } from '../digest.ts'
import { openTarget } from '../download-target.ts'
import type { HttpReply } from '../http.ts'
import { HttpError } from '../http-error.ts'
import { fromEnvironment } from '../options.ts'
import { startProgress } from '../progress.ts'
import { type ImageService, path } from '../service.ts'
import type { Shell, Verb } from '../verb.ts'

interface ImageDownloadOptions {
  readonly file?: string
  readonly progress?: boolean
  readonly allowMd5Fallback?: boolean
  readonly prefer?: string
}

export const imageDownload: Verb = (command, shell) => {
  command
    .argument('<IMAGE_ID>', 'ID of the image.')
    .option('--file <FILE>', 'File to save to; it appears only once its content is verified.')
    .option('--progress', 'Show a progress bar.')
    .addOption(
      fromEnvironment(shell.io.env, [
        '--allow-md5-fallback',
        'Verify by MD5 when the hash algorithm of the image is not known here.',
        'OS_IMAGE_ALLOW_MD5_FALLBACK',
      ]),
    )
    .option('--prefer <STORES>', 'Stores to read from first, separated by commas.')
    .action((imageId: string, options: ImageDownloadOptions) => downloadImage(imageId, options, shell))
}

async function downloadImage(imageId: string, options: ImageDownloadOptions, shell: Shell): Promise<void> {
  const { io } = shell
  if (!options.file && io.stdout.isTTY)
    throw new CommandError(
      'No redirection or local file specified for downloaded image data. ' +
        'Name a file with --file or redirect standard output.',
    )
  const service = await shell.connect()
  const { reply, digest } = await openImage(service, imageId, options)
  const target = await openTarget(options.file, io)
  const size = Number(reply.headers['content-length'] ?? 0)
  const bar = options.progress ? await startProgress(io.stdout, size) : undefined
  try {
    const bytes = verified(reply.body, digest, (count) => bar?.add(count))
    await pipeline(bytes, target.stream, { signal: io.signal, end: target.ends })
    await target.keep()
  } catch (error) {
    await target.discard()
    throw error
  } finally {
    bar?.stop()
  }
}

/** Asks for the image before its data: what the data must come to has to be known even if the image goes meanwhile. */
async function openImage(
  service: ImageService,
  imageId: string,
  options: ImageDownloadOptions,
): Promise<{ reply: HttpReply; digest: ExpectedDigest | undefined }> {
  const query = options.prefer ? `?${new URLSearchParams({ prefer: options.prefer })}` : ''
  try {
    const image = await service.json('GET', path`/v2/images/${imageId}`)
    const digest = expectedDigest(image, Boolean(options.allowMd5Fallback))
    const reply = await service.send('GET', path`/v2/images/${imageId}/file` + query)
    if (reply.status === 204) throw new CommandError(`Image ${imageId} has no data.`)
    return { reply, digest: digest ?? md5Digest(reply.headers['content-md5']) }
  } catch (error) {
    if (!(error instanceof HttpError)) throw error
    throw new CommandError(`Unable to download image '${imageId}'. (${error.message})`)
  }
}
