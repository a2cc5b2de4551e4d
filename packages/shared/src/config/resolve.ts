import type { Fault } from './fault.ts'
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

const MAX_REFERENCES = 16

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

function textOf(
  resolution: Resolution,
  at: readonly [section: string, name: string],
  depth: number,
): string | undefined {
  const [section, name] = at
  const found = find(resolution, section, name)?.texts.at(-1)?.text
  if (found !== undefined) return expand(resolution, section, found, depth + 1)
  const table = resolution.tables.get(section) ?? {}
  return Object.hasOwn(table, name) ? String(table[name]?.default ?? '') : undefined
}

function expand(resolution: Resolution, section: string, text: string, depth: number): string | undefined {
  if (depth > MAX_REFERENCES) return undefined
  const result = substitute(text, (name) => {
    const dot = name.indexOf('.')
    const own = dot < 0 ? [section, name] : [name.slice(0, dot), name.slice(dot + 1)]
    const at = [own[0] ?? '', own[1] ?? ''] as const
    return textOf(resolution, at, depth) ?? textOf(resolution, ['DEFAULT', name], depth)
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

function resolveOption(resolution: Resolution, section: string, name: string, option: Option): unknown {
  const found = find(resolution, section, name)
  if (!found) return undefined
  const raws = occurrences(option, found)
  const where = raws.at(-1)?.where ?? 'configuration'
  if (found.oldName) resolution.warnings.push(`${where}: ${found.oldName} is a former name of [${section}] ${name}`)
  const texts: string[] = []
  for (const raw of raws) {
    const text = expand(resolution, section, raw.text, 0)
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
    const given = givenText(option, texts.at(-1) ?? '')
    resolution.faults.push({ where, section, option: name, rule: reading.rule, ...given })
  }
  return undefined
}

function givenText(option: Option, text: string): { given?: string } {
  return option.secret ? {} : { given: text }
}

/**
 * The values of one section. Faults and warnings go to the resolution; a faulty option takes its default so that
 * the rest can still be checked.
 * @param fallback section that supplies what this one leaves unset, when `shares` allows it for the option
 */
export function resolveTable<T extends OptionTable>(
  resolution: Resolution,
  section: string,
  table: T,
  fallback?: { readonly section: string; readonly shares: (name: string) => boolean },
): SectionValues<T> {
  resolution.tables.set(section, { ...resolution.tables.get(section), ...table })
  const values: Record<string, unknown> = {}
  for (const [name, option] of Object.entries<Option>(table)) {
    const isShared = fallback?.shares(name) === true && !find(resolution, section, name)
    const value = resolveOption(resolution, isShared ? fallback.section : section, name, option) ?? defaultOf(option)
    if (value === undefined && option.required) {
      resolution.faults.push({ where: 'configuration', section, option: name, rule: 'must be set' })
    }
    values[name] = value
  }
  return values as SectionValues<T>
}
