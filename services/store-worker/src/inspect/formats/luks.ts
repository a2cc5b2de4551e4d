import { hasText, u16, u32 } from '../fields.ts'
import { type Found, notFound, type Probe, truncated } from '../probe.ts'

const MAGIC = 'LUKS\xba\xbe'
const HEADER_BYTES = 592
const SECTOR = 512

/** LUKS version 1 (LUKS On-Disk Format Specification 1.2): the guest sees what follows the key material. */
export function* probeLuks(): Probe {
  const magic = yield { at: 0, length: MAGIC.length }
  if (magic === undefined) return truncated('LUKS magic')
  if (!hasText(magic, 0, MAGIC)) return notFound('bytes 0-5 are not the LUKS magic "LUKS\\xba\\xbe"')
  const header = yield { at: MAGIC.length, length: HEADER_BYTES - MAGIC.length }
  if (header === undefined) return truncated('LUKS header')
  const version = u16(header, 0, 'big')
  const payloadAt = u32(header, 104 - MAGIC.length, 'big') * SECTOR
  const whole: Found = {
    match: true,
    virtualSize: (streamBytes) => (streamBytes >= payloadAt ? streamBytes - payloadAt : null),
  }
  return version === 1 ? whole : { ...whole, unsafe: { check: 'version', reason: `LUKS version ${version} is not 1` } }
}
