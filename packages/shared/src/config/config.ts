import { isIP } from 'node:net'
import { describeFault, type Fault } from './fault.ts'
import { normalSection } from './ini.ts'
import type { Layer } from './layers.ts'
import type { OptionTable } from './options.ts'
import { isChosen, type Resolution, resolveTable, whereSet } from './resolve.ts'
import { KEYSTONE_PLUGIN_OPTIONS } from './schema/keystone-authtoken.ts'
import { SECTIONS, type SectionName, type SectionsOf } from './schema/sections.ts'
import {
  ALL_STORE_OPTIONS,
  BACKEND_DEFAULTS,
  type FileStoreConfig,
  reservedStores,
  resolveStores,
  type StoreConfig,
} from './stores.ts'
import { checkUnknown } from './unknown.ts'

/** What an operator configured: each section by its name, and what follows from the sections together. */
export interface Config extends SectionsOf {
  /** Every store that images can be in, in the order of the configuration; reserved ones are not among them. */
  readonly stores: readonly StoreConfig[]
  /** True when stores are named by `enabled_backends`. */
  readonly multistore: boolean
  readonly reserved: { readonly staging: FileStoreConfig; readonly tasks: FileStoreConfig }
  /** A store by its id, reserved ones included. */
  store(id: string): StoreConfig | undefined
  /** Directory against which `policy_file` and the like are relative. */
  readonly directory: string
  /** Files read, weakest first. */
  readonly files: readonly string[]
  /** Things an operator should look at: unknown or former names. */
  readonly warnings: readonly string[]
  /** Things an operator may want to know: options accepted without effect. */
  readonly notes: readonly string[]
}

/** A configuration, or what is wrong with it. */
export interface ConfigReport {
  /** Absent when there is any fault. */
  readonly config: Config | undefined
  readonly faults: readonly Fault[]
  readonly warnings: readonly string[]
  readonly notes: readonly string[]
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const each of Object.values(value)) deepFreeze(each)
  }
  return value
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

function resolveSections(resolution: Resolution): SectionsOf {
  const values: Partial<Record<SectionName, unknown>> = {}
  for (const [section, table] of Object.entries(SECTIONS)) resolution.tables.set(section, table)
  for (const [section, table] of Object.entries(SECTIONS)) {
    values[section as SectionName] = resolveTable(resolution, { section }, table)
  }
  return values as SectionsOf
}

/** Old files choose Keystone by the middleware they list, not by `auth_strategy`. */
function withAuthStrategy(resolution: Resolution, sections: SectionsOf): SectionsOf {
  const isKeystoneFlavor = sections.paste_deploy.flavor?.startsWith('keystone') === true
  const isDerived = isKeystoneFlavor && !isChosen(resolution, 'DEFAULT', 'auth_strategy')
  const auth_strategy = isDerived ? 'keystone' : sections.DEFAULT.auth_strategy
  const { bind_host, allow_unsafe_none_auth } = sections.DEFAULT
  if (auth_strategy === 'none' && !allow_unsafe_none_auth && !isLoopback(bind_host)) {
    const where = whereSet(resolution, 'DEFAULT', 'auth_strategy')
    const rule = `must not be none while bind_host is ${bind_host}, unless allow_unsafe_none_auth is true`
    resolution.faults.push({ where, section: 'DEFAULT', option: 'auth_strategy', rule })
  }
  return { ...sections, DEFAULT: { ...sections.DEFAULT, auth_strategy } }
}

/** `auth_section` moves the service's credentials to a section of their own, as keystoneauth does. */
function withAuthSection(resolution: Resolution, sections: SectionsOf): SectionsOf {
  const { auth_section } = sections.keystone_authtoken
  if (auth_section === undefined) return sections
  const credentials = resolveTable(
    resolution,
    { section: normalSection(auth_section) },
    {
      ...KEYSTONE_PLUGIN_OPTIONS,
      auth_type: SECTIONS.keystone_authtoken.auth_type,
    },
  )
  return { ...sections, keystone_authtoken: { ...sections.keystone_authtoken, ...credentials } }
}

/** Driver options belong in `[glance_store]` or in the sections of the stores, never in both. */
function idleStoreOptions(resolution: Resolution, multistore: boolean): ReadonlyMap<string, OptionTable> {
  const [busy, idle] = multistore ? [BACKEND_DEFAULTS, 'glance_store'] : ['glance_store', BACKEND_DEFAULTS]
  resolution.tables.set(busy, { ...ALL_STORE_OPTIONS, ...resolution.tables.get(busy) })
  return new Map([[idle, ALL_STORE_OPTIONS]])
}

/**
 * Puts a configuration together from its layers. Pure: it reads no file and no environment.
 * @param layers strongest first
 * @param origin where the layers came from, and the faults met on the way
 */
export function buildConfig(
  layers: readonly Layer[],
  origin: { readonly directory: string; readonly files: readonly string[]; readonly faults: readonly Fault[] },
): ConfigReport {
  const resolution: Resolution = { layers, tables: new Map(), faults: [...origin.faults], warnings: [] }
  const sections = withAuthSection(resolution, withAuthStrategy(resolution, resolveSections(resolution)))
  const { stores, multistore } = resolveStores(resolution, sections)
  const reserved = reservedStores(resolution, sections, multistore)
  const unknown = checkUnknown(resolution, idleStoreOptions(resolution, multistore))
  // Stores that share a section meet its faults each on their own.
  const warnings = [...new Set([...resolution.warnings, ...unknown.warnings])]
  const faults = [...new Map(resolution.faults.map((fault) => [describeFault(fault), fault])).values()]
  const report = { faults, warnings, notes: unknown.notes }
  if (faults.length > 0) return { config: undefined, ...report }
  const byId = new Map<string, StoreConfig>(
    [...stores, reserved.staging, reserved.tasks].map((each) => [each.id, each]),
  )
  const { directory, files } = origin
  const rest = { stores, multistore, reserved, directory, files, warnings, notes: unknown.notes }
  const config: Config = { ...sections, ...rest, store: (id) => byId.get(id) }
  return { config: deepFreeze(config), ...report }
}
