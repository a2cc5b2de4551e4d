import { redactText } from '../log/redact.ts'
import type { Fault } from './fault.ts'
import { normalSection } from './ini.ts'
import type { Layer, RawText } from './layers.ts'
import type { Option, OptionTable, SectionValues } from './options.ts'
import { substitute } from './substitute.ts'
import { readValue } from './values.ts'

/** Everything known while a configuration is put together. */
export interface Resolution {
  /** Strongest first. */
  readonly layers: readonly Layer[]
  /** Section -> its options; sections of stores join as they are met. */
  readonly tables: Map<string, OptionTable>
  readonly faults: Fault[]
  readonly warnings: string[]
}

interface Found {
  readonly texts: readonly RawText[]
  readonly layer: Layer
  /** `[section] name` where the text stands, when that is a former name. */
  readonly oldName?: string
}

interface At {
  readonly section: string
  readonly name: string
}

function rawTexts(layer: Layer, section: string, name: string): readonly RawText[] | undefined {
  return layer.sections.get(section)?.get(name)
}

function find(resolution: Resolution, section: string, name: string): Found | undefined {
  const old = resolution.tables.get(section)?.[name]?.deprecatedNames ?? []
  for (const layer of resolution.layers) {
    const texts = rawTexts(layer, section, name)
    if (texts) return { texts, layer }
    for (const each of old) {
      const oldSection = each.section ?? section
      const oldTexts = rawTexts(layer, oldSection, each.name)
      if (!oldTexts) continue
      return { texts: oldTexts, layer, ...(each.isAlias ? {} : { oldName: `[${oldSection}] ${each.name}` }) }
    }
  }
  return undefined
}

/** Where an option was set, for a message about it. */
export function whereSet(resolution: Resolution, section: string, name: string): string {
  return find(resolution, section, name)?.texts.at(-1)?.where ?? 'configuration'
}

/** True when somebody chose the option: a file, the environment or the program, not its default. */
export function isChosen(resolution: Resolution, section: string, name: string): boolean {
  const found = find(resolution, section, name)
  return found !== undefined && found.layer.name !== 'defaults'
}

/** @param path options whose values are being put together; one that comes again is a circle */
function textOf(resolution: Resolution, at: At, path: readonly At[]): string | undefined {
  if (path.some((each) => each.section === at.section && each.name === at.name)) return undefined
  const found = find(resolution, at.section, at.name)?.texts.at(-1)?.text
  if (found !== undefined) return expand(resolution, found, [...path, at])
  const table = resolution.tables.get(at.section) ?? {}
  return Object.hasOwn(table, at.name) ? String(table[at.name]?.default ?? '') : undefined
}

/** @param path ends with the option the text belongs to */
function expand(resolution: Resolution, text: string, path: readonly At[]): string | undefined {
  const result = substitute(text, (name) => {
    const dot = name.indexOf('.')
    const section = dot < 0 ? (path.at(-1)?.section ?? 'DEFAULT') : normalSection(name.slice(0, dot))
    const near = textOf(resolution, { section, name: name.slice(dot + 1) }, path)
    return near ?? textOf(resolution, { section: 'DEFAULT', name }, path)
  })
  return 'text' in result ? result.text : undefined
}

function occurrences(option: Option, found: Found): readonly RawText[] {
  if (option.type !== 'multi') return found.texts.slice(-1)
  if (found.layer.name !== 'environment') return found.texts
  return found.texts.flatMap(({ text, where }) => text.split(',').map((item) => ({ text: item.trim(), where })))
}

function defaultOf(option: Option): unknown {
  return option.type === 'parsed' && option.default !== undefined
    ? option.parse?.(String(option.default))
    : option.default
}

function resolveOption(resolution: Resolution, at: At, option: Option): unknown {
  const { section, name } = at
  const found = find(resolution, section, name)
  if (!found) return undefined
  const raws = occurrences(option, found)
  const where = raws.at(-1)?.where ?? 'configuration'
  if (found.oldName) resolution.warnings.push(`${where}: ${found.oldName} is a former name of [${section}] ${name}`)
  const texts: string[] = []
  for (const raw of raws) {
    const text = expand(resolution, raw.text, [at])
    if (text !== undefined) {
      texts.push(text)
      continue
    }
    const rule = 'refers by "$" to an option that does not exist, or to itself (write $$ for a dollar sign)'
    resolution.faults.push({ where: raw.where, section, option: name, rule, ...givenText(option, raw.text) })
    return undefined
  }
  const reading = readValue(option, texts)
  if ('value' in reading) return reading.value
  if ('rule' in reading) {
    const given = givenText(option, raws.at(-1)?.text ?? '')
    resolution.faults.push({ where, section, option: name, rule: reading.rule, ...given })
  }
  return undefined
}

/** As it stands in the file, for what a reference leads to may be a secret. */
function givenText(option: Option, text: string): { given?: string } {
  return option.secret ? {} : { given: redactText(text) }
}

/**
 * The values of one section. Faults and warnings go to the resolution; a faulty option takes its default so that
 * the rest can still be checked.
 * @param place the section, and one that supplies what it leaves unset
 */
export function resolveTable<T extends OptionTable>(
  resolution: Resolution,
  place: { readonly section: string; readonly fallback?: string },
  table: T,
): SectionValues<T> {
  const { section, fallback } = place
  resolution.tables.set(section, { ...resolution.tables.get(section), ...table })
  const values: Record<string, unknown> = {}
  for (const [name, option] of Object.entries<Option>(table)) {
    const isShared = fallback !== undefined && !find(resolution, section, name)
    const at = { section: isShared ? fallback : section, name }
    const value = resolveOption(resolution, at, option) ?? defaultOf(option)
    if (value === undefined && option.required) {
      resolution.faults.push({ where: 'configuration', section, option: name, rule: 'must be set' })
    }
    values[name] = value
  }
  return values as SectionValues<T>
}
