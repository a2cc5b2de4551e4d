import type { Option } from './options.ts'

/** A text read as a value, or the rule it breaks. `unset` says that the text means "no value". */
export type Reading = { readonly value: unknown } | { readonly rule: string } | { readonly unset: true }

/** How oslo.config's generated samples write an option that has no value. */
export const NONE = '<None>'

const TRUE = new Set(['true', '1', 'yes', 'on'])
const FALSE = new Set(['false', '0', 'no', 'off'])
const UNITS: Readonly<Record<string, number>> = { '': 0, K: 1, M: 2, G: 3, T: 4 }

function describeRange(option: Option): string {
  if (option.min !== undefined && option.max !== undefined) return ` from ${option.min} to ${option.max}`
  if (option.min !== undefined) return ` of at least ${option.min}`
  return option.max === undefined ? '' : ` of at most ${option.max}`
}

function inRange(option: Option, value: number): boolean {
  return value >= (option.min ?? Number.NEGATIVE_INFINITY) && value <= (option.max ?? Number.POSITIVE_INFINITY)
}

function readNumber(option: Option, kind: string, value: number): Reading {
  const isGood = Number.isFinite(value) && inRange(option, value)
  return isGood ? { value } : { rule: `must be ${kind}${describeRange(option)}` }
}

function readInt(option: Option, text: string): Reading {
  const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN
  return readNumber(option, 'a whole number', Number.isSafeInteger(value) ? value : Number.NaN)
}

function readSize(option: Option, text: string): Reading {
  const match = /^(\d+)\s*([KMGT]?)B?$/i.exec(text)
  if (!match) return { rule: `must be a number of bytes with an optional unit B, KB, MB, GB or TB` }
  const bytes = Number(match[1]) * 1024 ** (UNITS[(match[2] ?? '').toUpperCase()] ?? 0)
  return readNumber(option, 'a number of bytes', Math.min(bytes, Number.MAX_SAFE_INTEGER))
}

function splitItems(text: string): string[] {
  const inner = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text
  const items = inner.match(/\s*(?:"[^"]*"|'[^']*'|[^,])+/g) ?? []
  return items.map((item) => item.trim().replace(/^(["'])(.*)\1$/s, '$2')).filter((item) => item !== '')
}

function readList(option: Option, text: string): Reading {
  const items = splitItems(text)
  const stranger = option.choices && items.find((item) => !option.choices?.includes(item))
  if (stranger === undefined) return { value: items }
  return { rule: `must list only ${option.choices?.join(', ')}` }
}

function readPorts(text: string): Reading {
  const numbers = splitItems(text).map((item) => (/^\d+$/.test(item) ? Number(item) : Number.NaN))
  return numbers.every((port) => port >= 1 && port <= 65535)
    ? { value: numbers }
    : { rule: 'must list port numbers from 1 to 65535' }
}

function readDict(text: string): Reading {
  const inner = text.startsWith('{') && text.endsWith('}') ? text.slice(1, -1) : text
  const result: Record<string, string> = {}
  for (const pair of splitItems(inner)) {
    const at = pair.indexOf(':')
    const key = pair.slice(0, Math.max(at, 0)).trim()
    if (key === '') return { rule: 'must be key:value pairs separated by commas' }
    if (Object.hasOwn(result, key)) return { rule: `must name the key ${key} once` }
    Object.defineProperty(result, key, { value: pair.slice(at + 1).trim(), enumerable: true })
  }
  return { value: result }
}

function readString(option: Option, text: string): Reading {
  if (!option.choices) return text === '' && option.default === undefined ? { unset: true } : { value: text }
  if (text === '') return { unset: true }
  const choice = option.choices.find((each) => each.toLowerCase() === text.toLowerCase())
  return choice === undefined ? { rule: `must be one of ${option.choices.join(', ')}` } : { value: choice }
}

function readParsed(option: Option, text: string): Reading {
  try {
    return { value: option.parse?.(text) }
  } catch (error) {
    return { rule: error instanceof Error ? error.message : String(error) }
  }
}

function readScalar(option: Option, text: string): Reading {
  switch (option.type) {
    case 'bool':
      if (TRUE.has(text.toLowerCase())) return { value: true }
      if (FALSE.has(text.toLowerCase())) return { value: false }
      return { rule: 'must be true or false' }
    case 'int':
      return readInt(option, text)
    case 'float':
      return readNumber(
        option,
        'a number',
        /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN,
      )
    case 'octal':
      return /^(0o?)?[0-7]{1,4}$/.test(text)
        ? { value: Number.parseInt(text.replace(/^0o/, ''), 8) }
        : { rule: 'must be a file mode in octal digits' }
    case 'size':
      return readSize(option, text)
    default:
      return readParsed(option, text)
  }
}

/**
 * Reads an option's text, after substitution, as its value.
 * @param texts every occurrence of the option; all but the last are ignored unless it is a `multi`
 */
export function readValue(option: Option, texts: readonly string[]): Reading {
  if (option.type === 'multi') return { value: texts.filter((text) => text !== '' && text !== NONE) }
  const text = (texts.at(-1) ?? '').trim()
  if (text === NONE) return { unset: true }
  switch (option.type) {
    case 'string':
      return readString(option, text)
    case 'list':
      return readList(option, text)
    case 'ports':
      return readPorts(text)
    case 'dict':
      return readDict(text)
    default:
      return text === '' ? { unset: true } : readScalar(option, text)
  }
}

/** Writes a value as an operator would, one text for each occurrence; the inverse of {@link readValue}. */
export function writeValue(option: Option, value: Option['default']): readonly string[] {
  if (value === undefined) return [NONE]
  const literal = (text: string): string => text.replaceAll('$', '$$$$')
  if (Array.isArray(value)) {
    if (option.type === 'multi') return value.length > 0 ? value.map((item) => literal(String(item))) : ['']
    return [literal(value.join(','))]
  }
  if (typeof value === 'object') {
    return [
      literal(
        Object.entries(value)
          .map(([key, item]) => `${key}:${item}`)
          .join(','),
      ),
    ]
  }
  return [option.type === 'octal' ? Number(value).toString(8) : literal(String(value))]
}
