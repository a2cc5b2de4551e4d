import type { Want } from './probe.ts'

/** Copies one wanted region out of a stream that passes by. Holds at most twice the wanted length. */
export interface Capture {
  /** Stream position at which the region is whole; Infinity when only the end of the stream tells. */
  readonly end: number
  /** Bytes of memory held. */
  readonly retained: number
  take(bytes: Uint8Array, position: number): void
  /** The region, or undefined when the stream did not deliver all of it. */
  whole(): Uint8Array | undefined
}

/** Starts copying. `position` is that of the next byte; a window that lies before it can no longer be had. */
export function openCapture(want: Want, position: number): Capture {
  if ('last' in want) return openTail(want.last)
  return want.at < position ? unreachable(position) : openWindow(want.at, want.length)
}

function unreachable(position: number): Capture {
  return { end: position, retained: 0, take: () => undefined, whole: () => undefined }
}

function openWindow(at: number, length: number): Capture {
  // Reserved at the first byte only: a window far away costs nothing until the stream gets there.
  let buffer = new Uint8Array(0)
  let filled = 0
  return {
    end: at + length,
    get retained() {
      return buffer.length
    },
    take(bytes, position) {
      const from = Math.max(at + filled - position, 0)
      const part = bytes.subarray(from, Math.max(at + length - position, 0))
      if (part.length === 0) return
      if (buffer.length === 0) buffer = new Uint8Array(length)
      buffer.set(part, filled)
      filled += part.length
    },
    whole: () => (filled === length ? buffer : undefined),
  }
}

function openTail(last: number): Capture {
  // Twice the length, so that small chunks are appended and only seldom moved.
  const buffer = new Uint8Array(2 * last)
  let filled = 0
  return {
    end: Number.POSITIVE_INFINITY,
    retained: buffer.length,
    take(bytes) {
      const part = bytes.subarray(Math.max(bytes.length - last, 0))
      if (filled + part.length > buffer.length) {
        buffer.copyWithin(0, filled - last, filled)
        filled = last
      }
      buffer.set(part, filled)
      filled += part.length
    },
    whole: () => (filled >= last ? buffer.subarray(filled - last, filled) : undefined),
  }
}
