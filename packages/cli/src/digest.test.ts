import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type ExpectedDigest, expectedDigest, verified } from './digest.ts'

const MD5 = '5d41402abc4b2a76b9719d911017c592'

describe('expectedDigest', () => {
  it('takes the hash before the checksum', () => {
    expect(expectedDigest({ os_hash_algo: 'sha256', os_hash_value: 'AB', checksum: MD5 }, false)).toEqual({
      label: 'Hash',
      algorithm: 'sha256',
      value: 'ab',
    })
  })

  it.each(['sha3_512', 'blake2b', 'sha512'])('knows %s', (algorithm) => {
    const expected = expectedDigest({ os_hash_algo: algorithm, os_hash_value: 'ab' }, false)
    expect(createHash(expected?.algorithm ?? '').digest('hex')).toMatch(/^[0-9a-f]{128}$/)
  })

  it('takes the checksum when there is no hash', () => {
    expect(expectedDigest({ os_hash_value: null, checksum: MD5 }, false)).toMatchObject({
      algorithm: 'md5',
      value: MD5,
    })
  })

  it('refuses an unknown algorithm unless MD5 is allowed instead', () => {
    const image = { os_hash_algo: 'crc128', os_hash_value: 'ab', checksum: MD5 }
    expect(() => expectedDigest(image, false)).toThrow('unsupported hash type crc128')
    expect(expectedDigest(image, true)).toMatchObject({ algorithm: 'md5' })
  })

  it('is nothing for an image that states neither', () => {
    expect(expectedDigest({ os_hash_value: null, checksum: null }, false)).toBeUndefined()
  })
})

describe('verified', () => {
  async function* source() {
    yield Buffer.from('hel')
    yield Buffer.from('lo')
  }
  const collect = async (expected: ExpectedDigest | undefined) => {
    const seen: number[] = []
    const parts: Uint8Array[] = []
    for await (const part of verified(source(), expected, (count) => seen.push(count))) parts.push(part)
    return { text: Buffer.concat(parts).toString(), seen }
  }

  it('passes everything on and counts it', async () => {
    const expected = { label: 'Checksum', algorithm: 'md5', value: MD5 } as const
    expect(await collect(expected)).toEqual({ text: 'hello', seen: [3, 2] })
    expect(await collect(undefined)).toEqual({ text: 'hello', seen: [3, 2] })
  })

  it('fails after the last byte when the digest differs', async () => {
    const expected = { label: 'Hash', algorithm: 'md5', value: 'ab' } as const
    await expect(collect(expected)).rejects.toThrow(`Corrupt image download. Hash was ${MD5} expected ab`)
  })

  it('says when the source breaks off', async () => {
    async function* broken() {
      yield Buffer.from('x')
      throw new Error('other side closed')
    }
    const reading = verified(broken(), undefined, () => undefined)
    await reading.next()
    await expect(reading.next()).rejects.toThrow('The server broke off the download: other side closed')
  })
})
