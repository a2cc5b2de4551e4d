import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'

export interface Digests {
  readonly bytes: number
  readonly md5: string
  readonly sha512: string
}

/** Counts and hashes whatever comes, holding one chunk at a time. */
export async function digestsOf(source: AsyncIterable<Uint8Array>): Promise<Digests> {
  const md5 = createHash('md5')
  const sha512 = createHash('sha512')
  let bytes = 0
  for await (const chunk of source) {
    bytes += chunk.byteLength
    md5.update(chunk)
    sha512.update(chunk)
  }
  return { bytes, md5: md5.digest('hex'), sha512: sha512.digest('hex') }
}

/** SHA-512 of a file in hexadecimal, read as a stream. */
export function sha512OfFile(path: string): Promise<string> {
  return hashOfFile('sha512', path)
}

/** MD5 of a file in hexadecimal, read as a stream. */
export function md5OfFile(path: string): Promise<string> {
  return hashOfFile('md5', path)
}

async function hashOfFile(algorithm: string, path: string): Promise<string> {
  const hash = createHash(algorithm)
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk)
  return hash.digest('hex')
}
