import { exactNumber, u32, u64 } from '../fields.ts'
import { found, notFound, type Probe, truncated } from '../probe.ts'

const SIGNATURE_AT = 0x40
const SIGNATURE = 0xbeda107f
const SECTOR = 512n

/** VirtualBox VDI. */
export function* probeVdi(): Probe {
  const signature = yield { at: SIGNATURE_AT, length: 4 }
  if (signature === undefined) return truncated('VDI signature')
  if (u32(signature, 0, 'little') !== SIGNATURE) return notFound('bytes 64-67 are not the VDI signature 0xbeda107f')
  const at = SIGNATURE_AT + 4
  const header = yield { at, length: 512 - at }
  if (header === undefined) return truncated('VDI header')
  const sectors = (u64(header, 0x170 - at, 'little') + SECTOR - 1n) / SECTOR
  return found(exactNumber(sectors * SECTOR))
}
