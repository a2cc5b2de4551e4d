import { exactNumber, hasText, u64 } from '../fields.ts'
import { found, notFound, type Probe, truncated } from '../probe.ts'

/** QEMU QED: recognised so that it can be refused; it can name a backing file and nothing reads it today. */
export function* probeQed(): Probe {
  const magic = yield { at: 0, length: 4 }
  if (magic === undefined) return truncated('QED magic')
  if (!hasText(magic, 0, 'QED\0')) return notFound('bytes 0-3 are not the QED magic "QED\\0"')
  const header = yield { at: 4, length: 508 }
  if (header === undefined) return truncated('QED header')
  return found(exactNumber(u64(header, 48 - 4, 'little')), { check: 'banned', reason: 'QED images are never allowed' })
}
