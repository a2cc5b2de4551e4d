import { displayWidth, printable, wrapText } from './text.ts'

/** Widest cell of a table of properties unless the user says otherwise. */
export const DEFAULT_COLUMN_WIDTH = 80

/**
 * A bordered table, left aligned, every column as wide as its widest cell.
 *
 * @param maxWidth columns of text after which a cell is wrapped; unlimited when absent
 * @returns text ending in a newline
 */
export function renderTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  maxWidth = Number.POSITIVE_INFINITY,
): string {
  const cells = rows.map((row) => row.map((text) => cellLines(text, maxWidth)))
  const widths = head.map((title, column) =>
    cells.reduce(
      (widest, row) => (row[column] ?? []).reduce((most, line) => Math.max(most, displayWidth(line)), widest),
      displayWidth(title),
    ),
  )
  const rule = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+\n`
  const body = cells.map((row) => rowText(row, widths)).join('')
  return `${rule}${rowText(
    head.map((title) => [title]),
    widths,
  )}${rule}${body}${rule}`
}

/** A Property/Value table of an object's members, sorted by name. */
export function renderObject(
  members: Readonly<Record<string, unknown>>,
  maxWidth: number = DEFAULT_COLUMN_WIDTH,
): string {
  const rows = Object.entries(members)
    .sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0))
    .map(([name, value]) => [name, valueText(value)])
  return renderTable(['Property', 'Value'], rows, maxWidth)
}

/** A table of chosen members of several objects; the member of a column is its title in lower case. */
export function renderList(titles: readonly string[], objects: readonly Readonly<Record<string, unknown>>[]): string {
  const members = titles.map((title) => title.toLowerCase().replaceAll(' ', '_'))
  const rows = objects.map((object) => members.map((member) => listText(object[member])))
  return renderTable(titles, rows)
}

function cellLines(text: string, maxWidth: number): string[] {
  return printable(text)
    .split('\n')
    .flatMap((line) => (displayWidth(line) > maxWidth ? wrapText(line, maxWidth) : [line]))
}

function rowText(cells: readonly (readonly string[])[], widths: readonly number[]): string {
  const height = Math.max(1, ...cells.map((lines) => lines.length))
  let text = ''
  for (let at = 0; at < height; at += 1) {
    const padded = widths.map((width, column) => {
      const line = cells[column]?.[at] ?? ''
      return ` ${line}${' '.repeat(width - displayWidth(line))} `
    })
    text += `|${padded.join('|')}|\n`
  }
  return text
}

/** A value as it stands in a cell: True, False and None as OpenStack's Python clients print them, lists as JSON. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return 'None'
  if (value === true) return 'True'
  if (value === false) return 'False'
  return typeof value === 'object' ? jsonText(value) : String(value)
}

/** JSON with a blank after each comma and colon. */
function jsonText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(jsonText).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}: ${jsonText(member)}`)
  return `{${members.join(', ')}}`
}

function listText(value: unknown): string {
  if (value === null || value === undefined) return ''
  return Array.isArray(value) ? `[${value.map((item) => quoted(valueText(item))).join(', ')}]` : valueText(value)
}

/** A string in single quotes, in double ones when it holds a single quote: a Python list's way. */
function quoted(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'"
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
  return `${mark}${mark === "'" ? escaped.replaceAll("'", "\\'") : escaped}${mark}`
}
