import type { ConfigReport } from './config.ts'
import { type LoadOptions, readConfig } from './load.ts'
import type { Option, OptionTable } from './options.ts'
import { DRIVER_OPTIONS } from './schema/drivers.ts'
import { COMMON_STORE_OPTIONS } from './schema/glance-store.ts'
import { SECTIONS } from './schema/sections.ts'
import { writeValue } from './values.ts'

const HEAD = `# Configuration of the image service. Every option stands here with its default, commented out.
# \`$name\` and \`\${section.name}\` stand for the value of another option; write $$ for a dollar sign.
# Environment variables OS_<SECTION>__<OPTION> win over this file.
`

const STORE_HEAD = `# Options of the stores. They stand here when enabled_backends is not set; with enabled_backends they stand in the
# section named like the store, or in [backend_defaults] for all stores. One list of options for each type follows.
`

const TYPE_NAMES: Readonly<Record<Option['type'], string>> = {
  string: 'text',
  bool: 'true or false',
  int: 'whole number',
  octal: 'octal digits',
  float: 'number',
  list: 'list',
  ports: 'list of ports',
  dict: 'key:value pairs',
  multi: 'text, may be repeated',
  size: 'bytes, with an optional unit B, KB, MB, GB or TB',
  parsed: 'text',
}

function describe(option: Option): string {
  const range = [
    option.min === undefined ? undefined : `at least ${option.min}`,
    option.max === undefined ? undefined : `at most ${option.max}`,
    option.choices === undefined ? undefined : `one of ${option.choices.join(', ')}`,
    option.required ? 'required' : undefined,
    option.secret ? 'secret' : undefined,
  ]
  return [TYPE_NAMES[option.type], ...range.filter((each) => each !== undefined)].join('; ')
}

function sampleOption(name: string, option: Option): string {
  const values = writeValue(option, option.default).map((text) => `#${name} = ${text}`.trimEnd())
  return `# ${option.help}\n# (${describe(option)})\n${values.join('\n')}\n`
}

function sampleTable(table: OptionTable): string {
  return Object.entries(table)
    .map(([name, option]) => sampleOption(name, option))
    .join('\n')
}

function sampleStores(): string {
  const drivers = Object.entries<OptionTable>(DRIVER_OPTIONS)
  const blocks = drivers.map(([type, table]) => `# --- stores of type ${type}\n\n${sampleTable(table)}`)
  return [STORE_HEAD, sampleTable(COMMON_STORE_OPTIONS), ...blocks].join('\n')
}

/** A configuration file with every option: its help, its type and its default, commented out. */
export function sampleConfig(): string {
  const sections = Object.entries<OptionTable>(SECTIONS).map(([section, table]) => {
    const stores = section === 'glance_store' ? `\n${sampleStores()}` : ''
    return `[${section}]\n\n${sampleTable(table)}${stores}`
  })
  return [HEAD, ...sections].join('\n')
}

/** Looks at a configuration as a service would at its start, and tells everything worth telling about it. */
export function checkConfig(options: LoadOptions): Omit<ConfigReport, 'config'> {
  const { faults, warnings, notes } = readConfig(options)
  return { faults, warnings, notes }
}
