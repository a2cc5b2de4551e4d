import tableText from 'cli-table3/src/utils.js'

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
const PLAIN = /^[\x20-\x7e]*$/
const EMOJI = /\p{Emoji_Presentation}|\uFE0F/u
const ZERO_WIDTH = /[\p{Mn}\p{Me}\p{Cf}]/gu

/** Columns a line takes on a terminal: East Asian wide characters and emoji take two, combining marks none. */
export function displayWidth(line: string): number {
  if (PLAIN.test(line)) return line.length
  let width = 0
  for (const { segment } of graphemes.segment(line)) width += graphemeWidth(segment)
  return width
}

function graphemeWidth(grapheme: string): number {
  if (PLAIN.test(grapheme)) return grapheme.length
  return EMOJI.test(grapheme) ? 2 : tableText.strlen(grapheme.replace(ZERO_WIDTH, ''))
}

const TAB_STOP = 8
// Control characters, and the marks that reorder text: either could make a row lie about what it holds.
const UNSAFE = /(?!\n)[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu

/** Text safe to show on a terminal: tabs become blanks, other control characters visible escapes; newlines stay. */
export function printable(text: string): string {
  return text.replace(/[^\n]*\t[^\n]*/g, expandTabs).replace(UNSAFE, (character) => {
    const code = character.charCodeAt(0)
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
  })
}

function expandTabs(line: string): string {
  return line.split('\t').reduce((done, next) => {
    const gap = TAB_STOP - (displayWidth(done) % TAB_STOP)
    return done + ' '.repeat(gap) + next
  })
}

const WORD = `[\\p{L}\\p{N}\\p{M}_!"'&.,?]`
const LETTER = '[\\p{L}\\p{M}_]'
/** Places where a line may end: at blanks, after the hyphen of a compound word, around a dash between words. */
const CHUNK = new RegExp(
  [
    '\\s+',
    `(?<=${WORD})-{2,}(?=[\\p{L}\\p{N}_])`,
    `\\S+?(?:-(?:(?<=${LETTER}{2}-)|(?<=${LETTER}-${WORD}-))(?=${LETTER}-?${LETTER})|(?=\\s|$)|(?<=${WORD})(?=-{2,}[\\p{L}\\p{N}_]))`,
  ].join('|'),
  'gu',
)

/**
 * Breaks one line into lines of at most `width` columns: at blanks and inner hyphens first, in the middle of a word
 * only when the word alone is too long. Blanks around a break are dropped.
 */
export function wrapText(line: string, width: number): string[] {
  const waiting = (line.replace(/\s/g, ' ').match(CHUNK) ?? []).reverse()
  const lines: string[] = []
  while (waiting.length > 0) {
    if (lines.length > 0 && waiting.at(-1)?.trim() === '') waiting.pop()
    const taken = takeLine(waiting, width)
    if (taken.at(-1)?.trim() === '') taken.pop()
    if (taken.length > 0) lines.push(taken.join(''))
  }
  return lines
}

/** Moves what fits on one line from the end of `waiting`; always at least one character of it. */
function takeLine(waiting: string[], width: number): string[] {
  const taken: string[] = []
  let used = 0
  for (let next = waiting.at(-1); next !== undefined; next = waiting.at(-1)) {
    const needed = displayWidth(next)
    if (used + needed > width) break
    taken.push(next)
    used += needed
    waiting.pop()
  }
  const next = waiting.at(-1)
  if (next === undefined || displayWidth(next) <= width) return taken
  const [head, tail] = splitWord(next, width - used, used === 0)
  waiting.pop()
  if (tail) waiting.push(tail)
  if (head) taken.push(head)
  return taken
}

/** The longest start of a word that fits, up to its last hyphen if it has one there; one character if `force`. */
function splitWord(word: string, space: number, force: boolean): [head: string, tail: string] {
  let head = ''
  let used = 0
  for (const { segment } of graphemes.segment(word)) {
    used += graphemeWidth(segment)
    if (used > space && !(force && head === '')) break
    head += segment
  }
  const hyphen = head.lastIndexOf('-')
  if (hyphen > 0 && /[^-]/.test(head.slice(0, hyphen))) head = head.slice(0, hyphen + 1)
  return [head, word.slice(head.length)]
}
