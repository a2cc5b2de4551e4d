import { type IniFile, normalSection } from './ini.ts'

/** One occurrence of an option, as text, with where it stands. */
export interface RawText {
  readonly text: string
  readonly where: string
}

export type LayerName = 'overrides' | 'environment' | 'files' | 'defaults'

/** Values from one kind of source: section -> option -> its occurrences, at least one. */
export interface Layer {
  readonly name: LayerName
  readonly sections: ReadonlyMap<string, ReadonlyMap<string, readonly RawText[]>>
}

/** Values handed over by a program: section -> option -> value; undefined leaves an option alone. */
export type GivenValues = Readonly<
  Record<string, Readonly<Record<string, string | number | boolean | readonly string[] | undefined>> | undefined>
>

type Building = Map<string, Map<string, RawText[]>>

function add(sections: Building, at: readonly [section: string, name: string], raw: RawText): void {
  const [section, name] = at
  const options = sections.get(section) ?? new Map<string, RawText[]>()
  sections.set(section, options)
  const texts = options.get(name) ?? []
  options.set(name, texts)
  texts.push(raw)
}

/** The files' layer; later files add to repeatable options and win over the others. */
export function fileLayer(files: readonly IniFile[]): Layer {
  const sections: Building = new Map()
  for (const file of files) {
    for (const entry of file.entries) {
      add(sections, [entry.section, entry.key], { text: entry.value, where: `${file.file}:${entry.line}` })
    }
  }
  return { name: 'files', sections }
}

/** `OS_<GROUP>__<OPTION>` variables, as oslo.config reads them; commas separate the values of a repeatable option. */
export function environmentLayer(env: Readonly<Record<string, string | undefined>>): Layer {
  const sections: Building = new Map()
  for (const [variable, text] of Object.entries(env)) {
    const match = /^OS_(.+?)__(.+)$/.exec(variable)
    if (!match || text === undefined) continue
    const at = [normalSection(match[1] ?? ''), (match[2] ?? '').toLowerCase()] as const
    add(sections, at, { text, where: `environment variable ${variable}` })
  }
  return { name: 'environment', sections }
}

/** Values of the program itself. Their text may refer to other options by `$name`, as in a file. */
export function givenLayer(name: 'overrides' | 'defaults', values: GivenValues): Layer {
  const sections: Building = new Map()
  for (const [section, options] of Object.entries(values)) {
    for (const [option, value] of Object.entries(options ?? {})) {
      if (value === undefined) continue
      const at = [normalSection(section), option] as const
      for (const text of typeof value === 'object' ? value : [String(value)]) add(sections, at, { text, where: name })
    }
  }
  return { name, sections }
}
