import { GlanceError } from '@glance/shared/errors/error'

/** Watches the size of a stream as it passes. */
export interface SizeLimit {
  /** Counts bytes. Throws TooLarge above the limit and SizeMismatch above the announced size. */
  admit(bytes: number): void
  /** After the last byte: the size. Throws SizeMismatch when fewer came than announced. */
  finish(): number
}

/** Opens the watch; sizes in bytes. */
export function openSizeLimit({ limit, announced }: { limit: number; announced?: number }): SizeLimit {
  let received = 0
  return {
    admit: (bytes) => {
      received += bytes
      if (received > limit) throw new GlanceError('TooLarge', `the image is larger than the ${limit} bytes allowed`)
      if (announced !== undefined && received > announced) {
        throw new GlanceError('SizeMismatch', `more than the announced ${announced} bytes arrived`)
      }
    },
    finish: () => {
      if (announced !== undefined && received < announced) {
        throw new GlanceError('SizeMismatch', `${received} bytes arrived, ${announced} were announced`)
      }
      return received
    },
  }
}
