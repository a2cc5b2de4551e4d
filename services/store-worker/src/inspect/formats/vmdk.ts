import { exactNumber, hasText, u32, u64 } from '../fields.ts'
import { found, notFound, type Probe, type ProbeRules, truncated, type Unsafe } from '../probe.ts'
import { descriptorFault } from './vmdk-descriptor.ts'

const MAGIC = 'KDMV'
const SECTOR = 512
const MOST_DESCRIPTOR_BYTES = 1024 * 1024 - 1
/** Value of the grain directory's offset that sends the reader to a second header behind the data. */
const DIRECTORY_AT_END = 0xffff_ffff_ffff_ffffn
/** Footer marker, footer and end-of-stream marker: the last three sectors. */
const FOOTER_BYTES = 3 * SECTOR
const FOOTER_MARKER = 3

interface SparseHeader {
  readonly version: number
  readonly capacity: bigint
  readonly descriptorAt: bigint
  readonly descriptorSectors: bigint
  readonly directoryAt: bigint
}

/**
 * VMware sparse extents that carry their own descriptor (monolithicSparse, streamOptimized). Descriptor-only files and
 * the extents of split disks have no such header or no descriptor and are not recognised.
 */
export function* probeVmdk(rules: ProbeRules): Probe {
  const magic = yield { at: 0, length: 4 }
  if (magic === undefined) return truncated('VMDK magic')
  if (!hasText(magic, 0, MAGIC)) return notFound('bytes 0-3 are not the VMDK magic "KDMV"')
  const rest = yield { at: 4, length: SECTOR - 4 }
  if (rest === undefined) return truncated('VMDK header')
  const header = readHeader(rest)
  if (header.version < 1 || header.version > 3) return notFound(`VMDK version ${header.version} is not 1, 2 or 3`)
  if (header.descriptorAt !== 1n) return notFound('the VMDK has no descriptor behind its header')

  const length = Math.min(Number(header.descriptorSectors) * SECTOR, MOST_DESCRIPTOR_BYTES)
  const descriptor = yield { at: SECTOR, length }
  if (descriptor === undefined) return truncated('VMDK descriptor')
  // An extent of a split disk reserves the area and leaves it empty.
  if ((descriptor[0] ?? 0) === 0) return notFound('the VMDK has no descriptor behind its header')
  const size = exactNumber(header.capacity * BigInt(SECTOR))
  const fault = descriptorFault(descriptor, rules.vmdkAllowedTypes)
  if (fault !== undefined) return found(size, { check: 'descriptor', reason: fault })
  if (header.directoryAt !== DIRECTORY_AT_END) return found(size)
  const footer = yield { last: FOOTER_BYTES, found: found(size) }
  return found(size, footerFault(header, footer))
}

/** `bytes` begins behind the magic. */
function readHeader(bytes: Uint8Array): SparseHeader {
  return {
    version: u32(bytes, 4 - 4, 'little'),
    capacity: u64(bytes, 12 - 4, 'little'),
    descriptorAt: u64(bytes, 28 - 4, 'little'),
    descriptorSectors: u64(bytes, 36 - 4, 'little'),
    directoryAt: u64(bytes, 56 - 4, 'little'),
  }
}

/** Readers trust the footer over the header, so what was checked in the header must hold for the footer too. */
function footerFault(header: SparseHeader, bytes: Uint8Array | undefined): Unsafe | undefined {
  const unsafe = (reason: string): Unsafe => ({ check: 'footer', reason })
  if (bytes === undefined) return unsafe('its header announces a footer and there is none')
  if (u32(bytes, 8, 'little') !== 0 || u32(bytes, 12, 'little') !== FOOTER_MARKER) {
    return unsafe('its header announces a footer and the footer marker is missing')
  }
  if (!hasText(bytes, SECTOR, MAGIC)) return unsafe('its footer has not the VMDK magic')
  const footer = readHeader(bytes.subarray(SECTOR + 4, 2 * SECTOR))
  const isSame =
    footer.version === header.version &&
    footer.capacity === header.capacity &&
    footer.descriptorAt === header.descriptorAt &&
    footer.descriptorSectors === header.descriptorSectors
  if (!isSame) return unsafe('its footer is not the same as its header')
  if (footer.directoryAt === DIRECTORY_AT_END) return unsafe('its footer announces another footer')
  const isEndMarker = bytes.subarray(2 * SECTOR, 2 * SECTOR + 16).every((byte) => byte === 0)
  return isEndMarker ? undefined : unsafe('its end-of-stream marker is missing')
}
