import { normalSection } from './ini.ts'
import { nearestName } from './nearest.ts'
import type { OptionTable } from './options.ts'
import { type Resolution, resolveTable, whereSet } from './resolve.ts'
import { DRIVER_OPTIONS, isStoreType, type StoreOptions, type StoreType, TYPE_OF_SCHEME } from './schema/drivers.ts'
import { COMMON_STORE_OPTIONS } from './schema/glance-store.ts'
import { SECTIONS, type SectionsOf } from './schema/sections.ts'

/** One configured store, with the options of its driver. */
export type StoreConfig = {
  [T in StoreType]: {
    readonly id: string
    readonly type: T
    readonly options: StoreOptions<T>
    readonly description: string | undefined
    /** Higher is read and listed first. */
    readonly weight: number
    /** True for the one store used when a request names none. */
    readonly isDefault: boolean
  }
}[StoreType]

/** A store of files, which the reserved stores always are. */
export type FileStoreConfig = Extract<StoreConfig, { readonly type: 'file' }>

/** Section whose values every store of several shares. */
export const BACKEND_DEFAULTS = 'backend_defaults'
export const STAGING_STORE = 'os_glance_staging_store'
export const TASKS_STORE = 'os_glance_tasks_store'

/** The driver options of all types and those of every store, as sections that stores share accept them. */
export const ALL_STORE_OPTIONS: OptionTable = Object.assign({}, COMMON_STORE_OPTIONS, ...Object.values(DRIVER_OPTIONS))

interface StorePlace {
  readonly id: string
  readonly type: StoreType
  readonly section: string
  readonly isDefault: boolean
}

function resolveStore(resolution: Resolution, place: StorePlace): StoreConfig {
  const { id, type, section, isDefault } = place
  const from = section === 'glance_store' ? { section } : { section, fallback: BACKEND_DEFAULTS }
  const common = resolveTable(resolution, from, COMMON_STORE_OPTIONS)
  const options = resolveTable<OptionTable>(resolution, from, DRIVER_OPTIONS[type])
  const { store_description: description, weight } = common
  // The table was chosen by the type, which the compiler cannot follow through a union.
  return { id, type, options, description, weight, isDefault } as StoreConfig
}

function faultOfStoreId(id: string): string | undefined {
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(id)) return 'must name stores by letters, digits, "_", "." and "-"'
  if (id.startsWith('os_glance_')) return 'must not name a store os_glance_…, which is reserved'
  const section = normalSection(id)
  const isTaken = section in SECTIONS || section === BACKEND_DEFAULTS
  return isTaken ? `must not name a store ${id}, which is a section of its own` : undefined
}

function severalStores(resolution: Resolution, sections: SectionsOf): StoreConfig[] {
  const backends = sections.DEFAULT.enabled_backends ?? {}
  const fallback = sections.glance_store.default_backend
  const report = (rule: string, given: string): void => {
    const where = whereSet(resolution, 'DEFAULT', 'enabled_backends')
    resolution.faults.push({ where, section: 'DEFAULT', option: 'enabled_backends', rule, given })
  }
  const stores: StoreConfig[] = []
  for (const [id, type] of Object.entries(backends)) {
    const rule = faultOfStoreId(id)
    if (rule) report(rule, id)
    else if (!isStoreType(type))
      report(`must give each store a type of ${Object.keys(DRIVER_OPTIONS).join(', ')}`, `${id}:${type}`)
    else stores.push(resolveStore(resolution, { id, type, section: normalSection(id), isDefault: id === fallback }))
  }
  if (fallback === undefined || !Object.hasOwn(backends, fallback)) {
    const nearest = fallback && nearestName(fallback, Object.keys(backends))
    const rule = `must be one of the stores of enabled_backends${nearest ? ` (perhaps ${nearest})` : ''}`
    const where = whereSet(resolution, 'glance_store', 'default_backend')
    const given = fallback === undefined ? {} : { given: fallback }
    resolution.faults.push({ where, section: 'glance_store', option: 'default_backend', rule, ...given })
  }
  return stores
}

function storesByType(resolution: Resolution, sections: SectionsOf): StoreConfig[] {
  const typeOf = (name: string): string => TYPE_OF_SCHEME.get(name) ?? name
  const types = new Set(sections.glance_store.stores.map(typeOf))
  const writesTo = typeOf(sections.glance_store.default_store)
  const stores: StoreConfig[] = []
  for (const type of types) {
    if (isStoreType(type)) {
      stores.push(resolveStore(resolution, { id: type, type, section: 'glance_store', isDefault: type === writesTo }))
      continue
    }
    const rule = `must list only ${Object.keys(DRIVER_OPTIONS).join(', ')}`
    const where = whereSet(resolution, 'glance_store', 'stores')
    resolution.faults.push({ where, section: 'glance_store', option: 'stores', rule, given: type })
  }
  if (!types.has(writesTo)) {
    const where = whereSet(resolution, 'glance_store', 'default_store')
    const rule = 'must be one of the stores listed in stores'
    const given = sections.glance_store.default_store
    resolution.faults.push({ where, section: 'glance_store', option: 'default_store', rule, given })
  }
  return stores
}

/** Every store that images can be in. Either each has its own section, or all read `[glance_store]`. */
export function resolveStores(
  resolution: Resolution,
  sections: SectionsOf,
): { readonly stores: readonly StoreConfig[]; readonly multistore: boolean } {
  const multistore = Object.keys(sections.DEFAULT.enabled_backends ?? {}).length > 0
  const stores = multistore ? severalStores(resolution, sections) : storesByType(resolution, sections)
  return { stores, multistore }
}

function reserved(id: string, options: FileStoreConfig['options']): FileStoreConfig {
  return { id, type: 'file', options, description: undefined, weight: 0, isDefault: false }
}

/** The stores of staged data and of task scratch, which never hold images and are never listed. */
export function reservedStores(
  resolution: Resolution,
  sections: SectionsOf,
  multistore: boolean,
): { readonly staging: FileStoreConfig; readonly tasks: FileStoreConfig } {
  const tasks = reserved(TASKS_STORE, sections[TASKS_STORE])
  if (multistore) return { staging: reserved(STAGING_STORE, sections[STAGING_STORE]), tasks }
  const uri = sections.DEFAULT.node_staging_uri
  if (!URL.canParse(uri) || new URL(uri).protocol !== 'file:') {
    const where = whereSet(resolution, 'DEFAULT', 'node_staging_uri')
    const rule = 'must be a file:///directory URL'
    resolution.faults.push({ where, section: 'DEFAULT', option: 'node_staging_uri', rule, given: uri })
    return { staging: reserved(STAGING_STORE, sections[STAGING_STORE]), tasks }
  }
  const filesystem_store_datadir = decodeURIComponent(new URL(uri).pathname)
  return { staging: reserved(STAGING_STORE, { ...sections[STAGING_STORE], filesystem_store_datadir }), tasks }
}
