import { exactNumber, hasText, u32, u64 } from '../fields.ts'
import { found, notFound, type Probe, truncated, type Unsafe } from '../probe.ts'

const MAGIC = 'QFI\xfb'
/** The smallest cluster: no real image has a shorter first block. */
const HEADER_BYTES = 512
const DATA_FILE = 1n << 2n
/** Dirty, corrupt, data file, compression type. Anything above, extended L2 entries included, is unknown here. */
const KNOWN_FEATURES = 0b1111n

/** QEMU qcow2, versions 2 and 3. Offsets in the header are those of the qcow2 specification. */
export function* probeQcow2(): Probe {
  const magic = yield { at: 0, length: 4 }
  if (magic === undefined) return truncated('qcow2 magic')
  if (!hasText(magic, 0, MAGIC)) return notFound('bytes 0-3 are not the qcow2 magic "QFI\\xfb"')
  const header = yield { at: 4, length: HEADER_BYTES - 4 }
  if (header === undefined) return truncated('qcow2 header')
  return found(exactNumber(u64(header, 24 - 4, 'big')), unsafeOf(header))
}

function unsafeOf(header: Uint8Array): Unsafe | undefined {
  const version = u32(header, 0, 'big')
  if (version !== 2 && version !== 3) return { check: 'version', reason: `qcow2 version ${version} is not 2 or 3` }
  if (u64(header, 8 - 4, 'big') !== 0n) return { check: 'backing_file', reason: 'it has a backing file' }
  // Version 2 ends before the feature words; what stands there is the first header extension.
  const features = version === 3 ? u64(header, 72 - 4, 'big') : 0n
  if ((features & DATA_FILE) !== 0n) return { check: 'data_file', reason: 'it keeps its data in an external file' }
  const unknown = features & ~KNOWN_FEATURES
  if (unknown === 0n) return undefined
  return { check: 'unknown_features', reason: `it needs incompatible features 0x${unknown.toString(16)}` }
}
