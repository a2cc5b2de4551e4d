import { DEFAULT_COLUMN_WIDTH, renderObject } from './output.ts'

/** An image as the service describes it: base properties and custom ones side by side. */
export type Image = Readonly<Record<string, unknown>>

const hidden = new Set(['self', 'access', 'file', 'schema'])

export interface ImageViewOptions {
  /** Show the size with a unit instead of in bytes. */
  readonly humanReadable?: boolean | undefined
  readonly maxColumnWidth?: number | undefined
}

/** The table of one image: every property but the links. */
export function renderImage(image: Image, options: ImageViewOptions = {}): string {
  const shown = Object.fromEntries(Object.entries(image).filter(([name]) => !hidden.has(name)))
  if ('virtual_size' in shown) shown.virtual_size = image.virtual_size || 'Not available'
  if (options.humanReadable) shown.size = humanSize(Number(image.size ?? 0))
  return renderObject(shown, options.maxColumnWidth ?? DEFAULT_COLUMN_WIDTH)
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB']
const STEP = 1024

/** Bytes in the largest fitting unit (a step is 1024), with one decimal unless it is zero. */
export function humanSize(bytes: number): string {
  let amount = bytes
  let unit = 0
  while (amount >= STEP && unit < UNITS.length - 1) {
    amount /= STEP
    unit += 1
  }
  return `${amount.toFixed(1).replace(/\.0$/, '')}${UNITS[unit]}`
}
