import { exactNumber, hasText, u16, u64 } from '../fields.ts'
import { found, notFound, type Probe, truncated } from '../probe.ts'

const COOKIE = 'conectix'
const SECTOR = 512
/** 65535 cylinders, 16 heads, 255 sectors: the largest disk that the geometry can describe. */
const LARGEST_GEOMETRY = 65535 * 16 * 255
/** Creator applications whose disks are as large as the size field says; other creators go by the geometry. */
const SIZE_FIELD_CREATORS = ['win ', 'qem2', 'd2v ', 'tap\0', 'CTXS', 'wa\0\0']

/**
 * Dynamic VHD (VPC). It begins with a copy of its 512-byte footer; a fixed VHD has the footer only behind the data
 * and so cannot be told from raw data by its beginning.
 */
export function* probeVhd(): Probe {
  const cookie = yield { at: 0, length: COOKIE.length }
  if (cookie === undefined) return truncated('VHD cookie')
  if (!hasText(cookie, 0, COOKIE)) return notFound('bytes 0-7 are not the cookie "conectix" of a dynamic VHD')
  const footer = yield { at: 8, length: SECTOR - 8 }
  if (footer === undefined) return truncated('VHD footer copy')
  return found(virtualSize(footer))
}

/** QEMU's rule: Virtual PC goes by cylinders, heads and sectors, Hyper-V and its kin by the current size field. */
function virtualSize(footer: Uint8Array): number | null {
  const at = (offset: number): number => offset - 8
  const heads = footer[at(58)] ?? 0
  const sectorsPerTrack = footer[at(59)] ?? 0
  const sectors = u16(footer, at(56), 'big') * heads * sectorsPerTrack
  const bySizeField = SIZE_FIELD_CREATORS.some((creator) => hasText(footer, at(28), creator))
  if (bySizeField || sectors === LARGEST_GEOMETRY) return exactNumber(u64(footer, at(48), 'big'))
  return sectors * SECTOR
}
