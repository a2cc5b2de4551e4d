import { bool, int, multi, octal, string } from '../options.ts'

/** Options of a `file` store. */
export const FILE_STORE_OPTIONS = {
  filesystem_store_datadir: string('Directory of the images.', { default: '/var/lib/glance/images' }),
  filesystem_store_datadirs: multi('Several directories as path:priority; the highest with room is written to.', {
    default: [],
  }),
  filesystem_store_metadata_file: string('JSON file of metadata that every location of this store carries.'),
  filesystem_store_file_perm: octal('Mode of image files in octal digits; 0 leaves it to the process.', { default: 0 }),
  filesystem_store_chunk_size: int('Bytes read at a time.', { default: 65536, min: 1 }),
  filesystem_store_fsync: bool('Waits for the disk before an image counts as stored.', { default: true }),
  filesystem_thin_provisioning: bool('Leaves holes where an image has only zeros.', { default: false }),
  filesystem_store_timeout: int('Seconds a deletion or a size query may take; 0 is unlimited.', { default: 0, min: 0 }),
  filesystem_store_thread_pool_size: int('Such operations of one store at the same time.', { default: 10, min: 1 }),
  filesystem_store_threadpool_threshold: int('Use of that pool, in percent, from which on it is warned about.', {
    default: 75,
    min: 0,
    max: 100,
  }),
} as const
