import { nearestName } from './nearest.ts'
import type { OptionTable } from './options.ts'
import type { Resolution } from './resolve.ts'
import { ACCEPTED_OPTIONS, isAccepted } from './schema/accepted.ts'
import { BACKEND_DEFAULTS } from './stores.ts'

interface Known {
  readonly sections: ReadonlyMap<string, ReadonlySet<string>>
}

function knownNames(tables: ReadonlyMap<string, OptionTable>): Known['sections'] {
  const names = new Map<string, Set<string>>()
  const add = (section: string, name: string): void => {
    names.set(section, (names.get(section) ?? new Set()).add(name))
  }
  for (const [section, table] of tables) {
    for (const [name, option] of Object.entries(table)) {
      add(section, name)
      for (const old of option.deprecatedNames ?? []) add(old.section ?? section, old.name)
    }
  }
  return names
}

function hint(known: Known['sections'], section: string, name: string): string {
  const elsewhere = [...known].find(([other, names]) => other !== BACKEND_DEFAULTS && names.has(name))?.[0]
  const nearest = nearestName(name, known.get(section) ?? [])
  if (nearest !== undefined) return `; did you mean ${nearest}?`
  return elsewhere === undefined ? '' : `; it belongs in [${elsewhere}]`
}

/**
 * Looks for names nobody declares: warnings for what operators wrote, faults for what the program gave itself.
 * @param idle section -> options that are declared but have no effect in this configuration
 */
export function checkUnknown(
  resolution: Resolution,
  idle: ReadonlyMap<string, OptionTable>,
): {
  readonly warnings: readonly string[]
  readonly notes: readonly string[]
} {
  const known = knownNames(resolution.tables)
  const warnings: string[] = []
  const accepted = new Set<string>()
  for (const layer of resolution.layers) {
    const isProgram = layer.name === 'overrides' || layer.name === 'defaults'
    for (const [section, options] of layer.sections) {
      const isKnownSection = known.has(section) || idle.has(section)
      if (!isKnownSection && !Object.hasOwn(ACCEPTED_OPTIONS, section) && !isProgram) {
        const nearest = nearestName(section, [...known.keys(), ...Object.keys(ACCEPTED_OPTIONS)])
        const where = [...options.values()][0]?.[0]?.where ?? layer.name
        warnings.push(`${where}: unknown section [${section}]${nearest ? `; did you mean [${nearest}]?` : ''}`)
        continue
      }
      for (const [name, texts] of options) {
        const where = texts[0]?.where ?? layer.name
        if (known.get(section)?.has(name)) continue
        const isIdle = Object.hasOwn(idle.get(section) ?? {}, name)
        if (isProgram) {
          if (!isIdle) resolution.faults.push({ where, section, option: name, rule: 'is not an option' })
        } else if (isAccepted(section, name) || isIdle) accepted.add(`[${section}] ${name}`)
        else warnings.push(`${where}: unknown option [${section}] ${name}${hint(known, section, name)}`)
      }
    }
  }
  const notes = accepted.size > 0 ? [`accepted without effect: ${[...accepted].sort().join(', ')}`] : []
  return { warnings, notes }
}
