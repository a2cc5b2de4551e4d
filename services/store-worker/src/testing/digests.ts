import { createHash } from 'node:crypto'

/** A digest in hex, by its name in OpenSSL. */
export function digestOf(algorithm: string, bytes: Uint8Array): string {
  return createHash(algorithm).update(bytes).digest('hex')
}
