import { isDeepStrictEqual } from 'node:util'
import { declareImageFields, type ImageFieldOptions, readImageFields } from '../image-fields.ts'
import { type Image, renderImage } from '../image-view.ts'
import { collect } from '../options.ts'
import { path } from '../service.ts'
import type { Verb } from '../verb.ts'

const PATCH_TYPE = 'application/openstack-images-v2.1-json-patch'

interface ImageUpdateOptions extends ImageFieldOptions {
  readonly removeProperty?: readonly string[]
}

export const imageUpdate: Verb = (command, shell) => {
  command.argument('<IMAGE_ID>', 'ID of the image to change.')
  declareImageFields(command)
  command
    .option('--remove-property <key>', 'Custom property to remove; may be repeated.', collect)
    .action(async (imageId: string, options: ImageUpdateOptions) => {
      const wanted = readImageFields(options)
      const service = await shell.connect()
      const image = await service.json('GET', path`/v2/images/${imageId}`)
      const changed = await service.json('PATCH', path`/v2/images/${imageId}`, {
        json: patchFor(image, wanted, options.removeProperty ?? []),
        headers: { 'Content-Type': PATCH_TYPE },
      })
      shell.print(renderImage(changed))
    })
}

export interface PatchOperation {
  readonly op: 'add' | 'replace' | 'remove'
  /** JSON pointer (RFC 6901) of one property. */
  readonly path: string
  readonly value?: unknown
}

/** The operations that lead from an image to the wanted values; lists are replaced whole, absent properties not removed. */
export function patchFor(
  image: Image,
  wanted: Readonly<Record<string, unknown>>,
  removed: readonly string[],
): PatchOperation[] {
  const settings = Object.entries(wanted)
    .filter(([name, value]) => !isDeepStrictEqual(image[name], value))
    .map(([name, value]): PatchOperation => ({ op: name in image ? 'replace' : 'add', path: pointer(name), value }))
  const removals = [...new Set(removed)]
    .filter((name) => name in image && !(name in wanted))
    .map((name): PatchOperation => ({ op: 'remove', path: pointer(name) }))
  return [...settings, ...removals]
}

function pointer(name: string): string {
  return `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
}
