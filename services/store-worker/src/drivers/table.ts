import type { StoreOptions, StoreType } from '@glance/shared/config/schema/drivers'
import { FILE_STORE_OPTIONS } from '@glance/shared/config/schema/file-store'
import type { Capability, DriverSetting, StoreDriver } from './driver.ts'

/** One type of store: what such stores can, and how one is opened. */
export interface DriverRow<T extends StoreType> {
  /** Holds for every store of the type, before it is opened too. */
  readonly can: ReadonlySet<Capability>
  /**
   * Loads the driver, with whatever libraries it needs, and opens a store.
   * Throws StoreConfigError when the options cannot be, anything else when the store cannot be used now.
   */
  open(options: StoreOptions<T>, setting: DriverSetting): Promise<StoreDriver>
}

const ALL: ReadonlySet<Capability> = new Set<Capability>(['write', 'range', 'list'])

/** Every type of store that can be opened. */
const DRIVERS: { readonly [T in StoreType]?: DriverRow<T> } = {
  file: {
    can: ALL,
    open: async (options, setting) => {
      const { openFilesystemStore } = await import('./filesystem/driver.ts')
      return openFilesystemStore(withoutIdleDefault(options), setting)
    },
  },
}

/** The default directory does not count as set when others are named. */
function withoutIdleDefault(options: StoreOptions<'file'>): StoreOptions<'file'> {
  const { filesystem_store_datadir: single, filesystem_store_datadirs: several } = options
  const isDefault = single === FILE_STORE_OPTIONS.filesystem_store_datadir.default
  return isDefault && several.length > 0 ? { ...options, filesystem_store_datadir: '' } : options
}

/** A row whose type of store is not known to the compiler. */
export type AnyDriverRow = DriverRow<StoreType>

/** The row of a type; undefined when this release cannot open such stores. */
export function rowOf(type: StoreType): AnyDriverRow | undefined {
  // A store's options are those of its type, which the compiler cannot follow through a union.
  return DRIVERS[type] as AnyDriverRow | undefined
}
