import { InvalidArgumentError, Option } from 'commander'
import { CommandError } from '../command-error.ts'
import type { Image } from '../image-view.ts'
import { asObjects, asString } from '../json.ts'
import { collect, trueOrFalse, wholeNumber } from '../options.ts'
import { renderList } from '../output.ts'
import type { ImageService } from '../service.ts'
import type { Verb } from '../verb.ts'

const SORT_KEYS = ['name', 'status', 'container_format', 'disk_format', 'size', 'id', 'created_at', 'updated_at']
const SORT_DIRECTIONS = ['asc', 'desc']
const DEFAULT_PAGE_SIZE = 200

interface ImageListOptions {
  readonly limit?: number
  readonly pageSize?: number
  readonly visibility?: string
  readonly memberStatus?: string
  readonly owner?: string
  readonly propertyFilter?: readonly string[]
  readonly checksum?: string
  readonly hash?: string
  readonly tag?: readonly string[]
  readonly sortKey?: readonly string[]
  readonly sortDir?: readonly string[]
  readonly sort?: string
  readonly hidden?: boolean
  readonly includeStores?: boolean
}

export const imageList: Verb = (command, shell) => {
  const sortKey = new Option('--sort-key <KEY>', `Sort by a property: ${SORT_KEYS.join(', ')}; may be repeated.`)
  const sortDir = new Option('--sort-dir <DIRECTION>', 'Sort asc or desc, once for all keys or once per key.')
  command
    .option('--limit <LIMIT>', 'Stop after this many images; 0 means all.', wholeNumber())
    .option('--page-size <SIZE>', `Images asked for at a time, ${DEFAULT_PAGE_SIZE} by default.`, wholeNumber(1))
    .option('--visibility <VISIBILITY>', 'Only images of this visibility.')
    .option('--member-status <MEMBER_STATUS>', 'Of the images shared with you, those in this state.')
    .option('--owner <OWNER>', 'Only images of this project.')
    .option('--property-filter <KEY=VALUE>', 'Only images with this property; may be repeated.', collect)
    .option('--checksum <CHECKSUM>', 'Only images with this MD5 checksum.')
    .option('--hash <HASH_VALUE>', 'Only images with this hash value.')
    .option('--tag <TAG>', 'Only images with this tag; may be repeated.', collect)
    .addOption(sortKey.argParser(oneOf(SORT_KEYS)))
    .addOption(sortDir.argParser(oneOf(SORT_DIRECTIONS)))
    .option('--sort <key[:direction]>', 'Sort by these properties, separated by commas, each with :asc or :desc.')
    .addOption(new Option('--hidden [True|False]', 'Hidden images instead of the others.').argParser(trueOrFalse))
    .addOption(new Option('--include-stores [True|False]', 'Show the stores of each image.').argParser(trueOrFalse))
    .action(async (options: ImageListOptions) => {
      const query = listQuery(options)
      const titles = [
        'ID',
        'Name',
        ...(shell.globals().verbose ? ['Disk_format', 'Container_format', 'Size', 'Status', 'Owner'] : []),
        ...(options.includeStores ? ['Stores'] : []),
      ]
      const images: Image[] = []
      for await (const image of allImages(await shell.connect(), query, options.limit || Number.POSITIVE_INFINITY))
        images.push(chosenMembers(image, titles))
      shell.print(renderList(titles, images))
    })
}

/** Collects values that must be among `choices`. */
function oneOf(choices: readonly string[]): (value: string, earlier?: readonly string[]) => readonly string[] {
  return (value, earlier) => {
    if (!choices.includes(value)) throw new InvalidArgumentError(`Choose from ${choices.join(', ')}.`)
    return collect(value, earlier)
  }
}

/** The members shown; the rest of each image is let go, so that long lists stay small. */
function chosenMembers(image: Image, titles: readonly string[]): Image {
  return Object.fromEntries(titles.map((title) => [title.toLowerCase(), image[title.toLowerCase()]]))
}

/** Query parameters of the first page. @throws CommandError for filters and sort orders the service would refuse */
export function listQuery(options: ImageListOptions): URLSearchParams {
  const query = new URLSearchParams()
  const pageSize = options.pageSize ?? DEFAULT_PAGE_SIZE
  query.set('limit', String(options.limit ? Math.min(options.limit, pageSize) : pageSize))
  const filters = [
    ['visibility', options.visibility],
    ['member_status', options.memberStatus],
    ['owner', options.owner],
    ['checksum', options.checksum],
    ['os_hidden', options.hidden],
    ['os_hash_value', options.hash],
  ] as const
  for (const [name, value] of filters) if (value !== undefined) query.set(name, String(value))
  for (const filter of options.propertyFilter ?? []) {
    const at = filter.indexOf('=')
    if (at < 1) throw new CommandError('Argument --property-filter expected properties in the format KEY=VALUE')
    query.set(filter.slice(0, at), filter.slice(at + 1))
  }
  for (const tag of options.tag ?? []) query.append('tag', tag)
  addSortOrder(query, options)
  return query
}

function addSortOrder(query: URLSearchParams, options: ImageListOptions): void {
  const keys = options.sortKey ?? []
  const directions = options.sortDir ?? []
  if (options.sort !== undefined) {
    if (keys.length > 0 || directions.length > 0)
      throw new CommandError("The 'sort' argument is not supported with 'sort_key' or 'sort_dir'.")
    for (const item of options.sort.split(',')) checkSortItem(item.trim())
    query.set('sort', options.sort.replace(/\s/g, ''))
    return
  }
  if (directions.length > 1 && directions.length !== keys.length)
    throw new CommandError('Give one sort direction for all sort keys, or exactly one for each.')
  const byName = keys.length === 0 && directions.length === 0
  for (const key of byName ? ['name'] : keys) query.append('sort_key', key)
  for (const direction of byName ? ['asc'] : directions) query.append('sort_dir', direction)
}

function checkSortItem(item: string): void {
  const [key = '', direction] = item.split(':')
  if (!SORT_KEYS.includes(key))
    throw new CommandError(`Invalid sort key: ${key}. It must be one of the following: ${SORT_KEYS.join(', ')}.`)
  if (direction !== undefined && !SORT_DIRECTIONS.includes(direction))
    throw new CommandError(
      `Invalid sort direction: ${direction}. It must be one of the following: ${SORT_DIRECTIONS.join(', ')}.`,
    )
}

/** Images of all pages in turn, following `next` until it is absent (the last page may be empty) or `limit` is reached. */
async function* allImages(service: ImageService, query: URLSearchParams, limit: number): AsyncGenerator<Image> {
  let left = limit
  for (let next: string | undefined = `/v2/images?${query}`; next !== undefined; ) {
    const page = await service.json('GET', next)
    for (const image of asObjects(page.images)) {
      yield image
      left -= 1
      if (left <= 0) return
    }
    const following = asString(page.next)
    if (following === next) throw new CommandError('The service answered with a page that links to itself.')
    next = following
  }
}
