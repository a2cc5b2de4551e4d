import type { SectionValues } from '../options.ts'
import { CINDER_STORE_OPTIONS, GRIDFS_STORE_OPTIONS, RBD_STORE_OPTIONS, VMWARE_STORE_OPTIONS } from './block-stores.ts'
import { FILE_STORE_OPTIONS } from './file-store.ts'
import { HTTP_STORE_OPTIONS } from './http-store.ts'
import { S3_STORE_OPTIONS, SWIFT_STORE_OPTIONS } from './object-stores.ts'

/** Type of a store -> the options of its driver. */
export const DRIVER_OPTIONS = {
  file: FILE_STORE_OPTIONS,
  http: HTTP_STORE_OPTIONS,
  rbd: RBD_STORE_OPTIONS,
  s3: S3_STORE_OPTIONS,
  swift: SWIFT_STORE_OPTIONS,
  cinder: CINDER_STORE_OPTIONS,
  vmware: VMWARE_STORE_OPTIONS,
  gridfs: GRIDFS_STORE_OPTIONS,
} as const

export type StoreType = keyof typeof DRIVER_OPTIONS

/** The resolved driver options of a store of one type. */
export type StoreOptions<T extends StoreType> = SectionValues<(typeof DRIVER_OPTIONS)[T]>

/** Location schemes and older names by which `stores` and `default_store` may call a type. */
export const TYPE_OF_SCHEME: ReadonlyMap<string, StoreType> = new Map([
  ['filesystem', 'file'],
  ['https', 'http'],
  ['swift+http', 'swift'],
  ['swift+https', 'swift'],
  ['swift+config', 'swift'],
  ['s3+http', 's3'],
  ['s3+https', 's3'],
  ['vsphere', 'vmware'],
  ['glance.store.filesystem.Store', 'file'],
  ['glance.store.http.Store', 'http'],
  ['glance.store.rbd.Store', 'rbd'],
  ['glance.store.s3.Store', 's3'],
  ['glance.store.swift.Store', 'swift'],
  ['glance.store.cinder.Store', 'cinder'],
  ['glance.store.vmware_datastore.Store', 'vmware'],
])

/** True when a store of this type can be configured. */
export function isStoreType(name: string): name is StoreType {
  return Object.hasOwn(DRIVER_OPTIONS, name)
}
