/** The three shapes of an error body. */
export type ErrorShape = 'html' | 'json' | 'plain'

interface MediaRange {
  readonly type: string
  readonly subtype: string
  readonly quality: number
  readonly hasParameters: boolean
}

const RANGE = /^\s*([!#$%&'*+\-.^_`|~\w]+)\/([!#$%&'*+\-.^_`|~\w]+)\s*((?:;.*)?)$/
const QUALITY = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/
/** Longer headers are cut: nobody needs more ranges to say what an error should look like. */
const MAX_HEADER = 2048

/**
 * Shape of an error body for an Accept header (Images v2 contract: error body format; RFC 9110 §12.5.1).
 *
 * HTML wins ties, since python-glanceclient accepts anything and trips over flat JSON. An absent or empty header, or
 * one that wants neither HTML nor JSON, gets plain text; a malformed one counts as accepting anything.
 */
export function errorShape(accept: string | undefined): ErrorShape {
  if (accept === undefined || accept.trim() === '') return 'plain'
  if (accept === '*/*') return 'html'
  const ranges = parseAccept(accept.slice(0, MAX_HEADER))
  if (ranges === undefined) return 'html'
  const html = qualityOf('text', 'html', ranges)
  const json = qualityOf('application', 'json', ranges)
  if (html === 0 && json === 0) return 'plain'
  return json > html ? 'json' : 'html'
}

/** True when JSON is wanted rather than plain text (health checks offer these two, plain first). */
export function prefersJson(accept: string | undefined): boolean {
  const ranges = accept === undefined ? [] : (parseAccept(accept.slice(0, MAX_HEADER)) ?? [])
  return qualityOf('application', 'json', ranges) > qualityOf('text', 'plain', ranges)
}

function parseAccept(accept: string): MediaRange[] | undefined {
  const ranges: MediaRange[] = []
  for (const part of accept.split(',')) {
    if (part.trim() === '') continue
    const match = RANGE.exec(part)
    if (match === null) return undefined
    const [, type = '', subtype = '', rest = ''] = match
    const parameters = rest.split(';').map((each) => each.trim().toLowerCase())
    const weight = parameters.find((each) => each.startsWith('q='))?.slice(2)
    if (weight !== undefined && !QUALITY.test(weight)) return undefined
    ranges.push({
      type: type.toLowerCase(),
      subtype: subtype.toLowerCase(),
      quality: weight === undefined ? 1 : Number(weight),
      hasParameters: parameters.some((each) => each !== '' && !each.startsWith('q=')),
    })
  }
  return ranges
}

/** The most specific range that covers the type decides; 0 when none does. */
function qualityOf(type: string, subtype: string, ranges: readonly MediaRange[]): number {
  let best = -1
  let quality = 0
  for (const range of ranges) {
    const specificity = specificityFor(type, subtype, range)
    if (specificity > best) {
      best = specificity
      quality = range.quality
    }
  }
  return best < 0 ? 0 : quality
}

function specificityFor(type: string, subtype: string, range: MediaRange): number {
  if (range.hasParameters) return -1
  if (range.type === '*') return range.subtype === '*' ? 0 : -1
  if (range.type !== type) return -1
  if (range.subtype === '*') return 1
  return range.subtype === subtype ? 2 : -1
}
