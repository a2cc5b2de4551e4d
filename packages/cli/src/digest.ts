import { createHash, getHashes, type Hash } from 'node:crypto'
import { CommandError } from './command-error.ts'
import { reason } from './http.ts'
import { asString, type JsonObject } from './json.ts'

/** What the bytes of a download must come to. */
export interface ExpectedDigest {
  readonly label: 'Hash' | 'Checksum'
  readonly algorithm: string
  /** Lower-case hex. */
  readonly value: string
}

/** Algorithm names of Python's hashlib that OpenSSL spells otherwise. */
const spellings: Readonly<Record<string, string>> = { blake2b: 'blake2b512', blake2s: 'blake2s256' }

/**
 * The digest an image states: its hash, or else its MD5 checksum, or else none.
 *
 * @param allowMd5 take the checksum when the algorithm of the hash is unknown here
 * @throws CommandError for an unknown algorithm otherwise
 */
export function expectedDigest(image: JsonObject, allowMd5: boolean): ExpectedDigest | undefined {
  const hash = asString(image.os_hash_value)
  const stated = asString(image.os_hash_algo) ?? ''
  if (hash) {
    const algorithm = spellings[stated] ?? stated.replaceAll('_', '-')
    if (getHashes().includes(algorithm)) return { label: 'Hash', algorithm, value: hash.toLowerCase() }
    if (!allowMd5) throw new CommandError(`unsupported hash type ${stated}`)
  }
  return md5Digest(asString(image.checksum))
}

/** The digest behind an MD5 checksum in hex, if there is one. */
export function md5Digest(checksum: string | undefined): ExpectedDigest | undefined {
  return checksum ? { label: 'Checksum', algorithm: 'md5', value: checksum.toLowerCase() } : undefined
}

/**
 * Passes bytes on as they come and compares their digest at the end.
 *
 * @throws CommandError when the source breaks off or, after the last byte, when the digest differs
 */
export async function* verified(
  source: AsyncIterable<Uint8Array>,
  expected: ExpectedDigest | undefined,
  onBytes: (count: number) => void,
): AsyncGenerator<Uint8Array> {
  const hash = expected === undefined ? undefined : createHash(expected.algorithm)
  try {
    for await (const chunk of source) {
      hash?.update(chunk)
      onBytes(chunk.length)
      yield chunk
    }
  } catch (error) {
    throw new CommandError(`The server broke off the download: ${reason(error)}`)
  }
  if (expected && hash) compare(hash, expected)
}

function compare(hash: Hash, expected: ExpectedDigest): void {
  const found = hash.digest('hex')
  if (found !== expected.value)
    throw new CommandError(`Corrupt image download. ${expected.label} was ${found} expected ${expected.value}`)
}
