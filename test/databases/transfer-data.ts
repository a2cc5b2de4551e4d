import type { ByteAddress, StoredData } from '@glance/shared/contracts/transfer'

/** Where a worker would find the bytes; nobody looks there. */
export const SOURCE: ByteAddress = { address: 'http://127.0.0.1:9', ticket: 'one-time' }

/** What a worker tells of the bytes it stored: sizes beyond 32 bits, digests of full length. */
export const STORED: StoredData = {
  url: 'file:///data/x',
  metadata: { note: 'of the driver' },
  size: 3_000_000_000_000,
  virtualSize: 4_000_000_000_000,
  checksum: 'c'.repeat(32),
  hashAlgo: 'sha512',
  hashValue: 'd'.repeat(128),
}
