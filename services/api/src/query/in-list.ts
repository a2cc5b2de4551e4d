import { GlanceError } from '@glance/shared/errors/error'

/**
 * The values of an `in:` filter: separated by commas, those with commas inside in double quotes, where a backslash
 * keeps the next character as it is. Throws BadRequest for a quote that stands inside a value or is not closed.
 */
export function parseInList(name: string, text: string): string[] {
  const values: string[] = []
  let at = 0
  while (at <= text.length) {
    const item = text[at] === '"' ? quotedItem(name, text, at) : plainItem(name, text, at)
    values.push(item.value)
    at = item.next
  }
  return values
}

interface Item {
  readonly value: string
  /** Where the next item begins; past the end when this was the last. */
  readonly next: number
}

function plainItem(name: string, text: string, from: number): Item {
  const comma = text.indexOf(',', from)
  const end = comma < 0 ? text.length : comma
  const value = text.slice(from, end)
  if (value.includes('"')) throw badQuotes(name, 'a quotation mark stands inside a value')
  return { value, next: end + 1 }
}

function quotedItem(name: string, text: string, from: number): Item {
  let value = ''
  for (let at = from + 1; at < text.length; at++) {
    const character = text[at]
    if (character === '\\' && at + 1 < text.length) value += text[++at]
    else if (character === '"') {
      if (at + 1 < text.length && text[at + 1] !== ',')
        throw badQuotes(name, 'no comma follows a closing quotation mark')
      return { value, next: at + 2 }
    } else value += character
  }
  throw badQuotes(name, 'a quotation mark is not closed')
}

function badQuotes(name: string, rule: string): GlanceError {
  return new GlanceError('BadRequest', `The filter ${name} is badly quoted: ${rule}.`)
}
