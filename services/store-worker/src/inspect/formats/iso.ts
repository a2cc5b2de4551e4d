import { hasText, u16, u32 } from '../fields.ts'
import { found, notFound, type Probe, truncated } from '../probe.ts'

/** The first 16 sectors of 2 KiB are free for boot code; the volume descriptors follow. */
const DESCRIPTOR_AT = 32 * 1024
const DESCRIPTOR_BYTES = 2048
const SIGNATURE_BYTES = 6
const PRIMARY = 1

/** ISO 9660 (ECMA-119), or UDF by its NSR descriptor. Only a primary volume descriptor tells a size. */
export function* probeIso(): Probe {
  const signature = yield { at: DESCRIPTOR_AT, length: SIGNATURE_BYTES }
  if (signature === undefined) return truncated('ISO 9660 volume descriptor')
  const isIso = ['CD001', 'NSR02', 'NSR03'].some((name) => hasText(signature, 1, name))
  if (!isIso) return notFound('there is no ISO 9660 volume descriptor ("CD001") at 32 KiB')
  const type = signature[0]
  const descriptor = yield { at: DESCRIPTOR_AT + SIGNATURE_BYTES, length: DESCRIPTOR_BYTES - SIGNATURE_BYTES }
  if (descriptor === undefined) return truncated('ISO 9660 volume descriptor')
  if (type !== PRIMARY) return found(null)
  const blocks = u32(descriptor, 80 - SIGNATURE_BYTES, 'little')
  const blockBytes = u16(descriptor, 128 - SIGNATURE_BYTES, 'little')
  return found(blocks * blockBytes || null)
}
