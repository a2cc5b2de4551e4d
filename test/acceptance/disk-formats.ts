import type { ImageSpec } from '../support/images.ts'

const SIZE = 6 << 20

/** One image of each disk format that a tool makes and a client is given. */
export const DISK_FORMATS: readonly ImageSpec[] = [
  { format: 'qcow2', size: SIZE, content: 'random' },
  { format: 'raw', size: SIZE, content: 'random' },
  { format: 'vmdk', size: SIZE, content: 'random', subformat: 'monolithicSparse' },
  { format: 'vhd', size: SIZE, content: 'random' },
  { format: 'vhdx', size: SIZE, content: 'sparse' },
  { format: 'vdi', size: SIZE, content: 'random' },
  { format: 'iso', size: SIZE },
]
