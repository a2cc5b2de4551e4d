import type { Fault } from './fault.ts'

/** One `key = value` of a file. */
export interface IniEntry {
  readonly section: string
  readonly key: string
  /** Continuation lines are joined by a newline. */
  readonly value: string
  readonly line: number
}

export interface IniFile {
  readonly file: string
  /** Entries in file order; a repeated key appears once for each time. */
  readonly entries: readonly IniEntry[]
  /** Section headers, with the line of each. */
  readonly sections: readonly { readonly name: string; readonly line: number }[]
  readonly faults: readonly Fault[]
}

interface OpenEntry {
  readonly key: string
  readonly lines: string[]
  readonly line: number
}

/** Section names are matched without regard to case; `DEFAULT` alone is written in capitals. */
export function normalSection(name: string): string {
  const lower = name.toLowerCase()
  return lower === 'default' ? 'DEFAULT' : lower
}

function unquote(value: string): string {
  const first = value[0]
  return (first === '"' || first === "'") && value.length > 1 && value.endsWith(first) ? value.slice(1, -1) : value
}

function splitAssignment(line: string): [key: string, value: string] | undefined {
  const at = line.search(/[=:]/)
  return at < 0 ? undefined : [line.slice(0, at).trim(), unquote(line.slice(at + 1).trim())]
}

/**
 * Reads a file in the INI dialect of oslo.config: `#` and `;` start a comment line, `key = value` and
 * `key: value` assign, a line that begins with a blank continues the value above it, a blank line ends it,
 * and a value in a pair of quotes loses them. Faults are collected, not thrown.
 */
export function parseIni(text: string, file: string): IniFile {
  const entries: IniEntry[] = []
  const sections: { name: string; line: number }[] = []
  const faults: Fault[] = []
  let section: string | undefined
  let open: OpenEntry | undefined

  const flush = (): void => {
    if (open && section !== undefined) {
      entries.push({ section, key: open.key, value: open.lines.join('\n'), line: open.line })
    }
    open = undefined
  }

  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const line = raw.trimEnd()
    const where = `${file}:${index + 1}`
    if (line === '') {
      flush()
      continue
    }
    if (/^[ \t]/.test(line)) {
      if (open) open.lines.push(line.trimStart())
      else faults.push({ where, rule: 'a line that begins with a blank must continue a value above it' })
      continue
    }
    flush()
    if (line.startsWith('#') || line.startsWith(';')) continue
    if (line.startsWith('[')) {
      if (!line.endsWith(']')) faults.push({ where, rule: 'a section header must end with "]"', given: line })
      else if (line.length <= 2) faults.push({ where, rule: 'a section header must name a section', given: line })
      else {
        section = normalSection(line.slice(1, -1).trim())
        sections.push({ name: section, line: index + 1 })
      }
      continue
    }
    const assignment = splitAssignment(line)
    if (!assignment) faults.push({ where, rule: 'must be "key = value", a [section] or a # comment' })
    else if (assignment[0] === '') faults.push({ where, rule: 'must name an option before "="' })
    else if (section === undefined) faults.push({ where, rule: `"${assignment[0]}" must stand in a [section]` })
    else open = { key: assignment[0], lines: [assignment[1]], line: index + 1 }
  }
  flush()
  return { file, entries, sections, faults }
}
