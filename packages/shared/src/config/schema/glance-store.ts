import { int, list, string } from '../options.ts'
import { FILE_STORE_OPTIONS } from './file-store.ts'

/** `[glance_store]`, apart from the driver options that single-store mode reads there. */
export const GLANCE_STORE_OPTIONS = {
  default_backend: string('Id of the store used when a request names none; required with enabled_backends.'),
  stores: list('Types of the stores enabled without enabled_backends.', { default: ['file', 'http'] }),
  default_store: string('Type or scheme of the one written to without enabled_backends.', { default: 'file' }),
} as const

/** Options of every store, whatever its type. */
export const COMMON_STORE_OPTIONS = {
  store_description: string('What users read about the store.'),
  weight: int('Order in which stores are read and listed, highest first.', { default: 0 }),
} as const

function reservedStore<const D extends string>(datadir: D) {
  return {
    ...FILE_STORE_OPTIONS,
    filesystem_store_datadir: string('Directory of this reserved store.', { default: datadir }),
  } as const
}

/** `[os_glance_staging_store]`: where staged data waits. */
export const STAGING_STORE_OPTIONS = reservedStore('/var/lib/glance/os_glance_staging_store')

/** `[os_glance_tasks_store]`: scratch space of tasks. */
export const TASKS_STORE_OPTIONS = reservedStore('/var/lib/glance/os_glance_tasks_store')
