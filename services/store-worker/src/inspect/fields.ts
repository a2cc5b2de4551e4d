function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** 16-bit unsigned field; `order` as the format stores it. */
export function u16(bytes: Uint8Array, at: number, order: 'big' | 'little'): number {
  return viewOf(bytes).getUint16(at, order === 'little')
}

/** 32-bit unsigned field. */
export function u32(bytes: Uint8Array, at: number, order: 'big' | 'little'): number {
  return viewOf(bytes).getUint32(at, order === 'little')
}

/** 64-bit unsigned field. */
export function u64(bytes: Uint8Array, at: number, order: 'big' | 'little'): bigint {
  return viewOf(bytes).getBigUint64(at, order === 'little')
}

/** The value as a number, or null above 2^53 - 1, where a number would be wrong. */
export function exactNumber(value: bigint): number | null {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : null
}

/** Whether the bytes from `at` are exactly those of `text`, one byte per character (latin1). */
export function hasText(bytes: Uint8Array, at: number, text: string): boolean {
  if (at + text.length > bytes.length) return false
  for (let i = 0; i < text.length; i++) {
    if (bytes[at + i] !== text.charCodeAt(i)) return false
  }
  return true
}
