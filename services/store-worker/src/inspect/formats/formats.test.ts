import { describe, expect, test } from 'vitest'
import { bare, inspect, STRICT } from '../testing/feeding.ts'
import { DESCRIPTOR, gpt, iso, luks, qcow2, vdi, vhd, vhdx, vmdk } from '../testing/headers.ts'
import { noise, type Partition, PROTECTIVE, putMbr, withFooter } from '../testing/images.ts'

const MIB = 1024 * 1024

function verdictOf(format: string, data: Uint8Array): unknown {
  return inspect(data, bare(format)).verdict
}

function accepted(format: string, virtualSize: number | null): unknown {
  return expect.objectContaining({ detected: format, virtualSize })
}

function refused(kind: 'mismatch' | 'unsafe', part: string): unknown {
  return expect.objectContaining({ refused: true, kind, message: expect.stringContaining(part) })
}

describe('qcow2', () => {
  test.each([0, 1, 4, 0xffffffff])('version %i is refused', (version) => {
    expect(verdictOf('qcow2', qcow2({ version }))).toEqual(refused('unsafe', `version ${version}`))
  })

  test('version 2 has no feature words', () => {
    expect(verdictOf('qcow2', qcow2({ version: 2, features: 0xe279_2aca_0000_0001n }))).toEqual(accepted('qcow2', MIB))
  })

  test.each([0, 1, 3])('incompatible feature bit %i is known', (bit) => {
    expect(verdictOf('qcow2', qcow2({ features: 1n << BigInt(bit) }))).toEqual(accepted('qcow2', MIB))
  })

  test.each([4, 5, 8, 32, 63])('incompatible feature bit %i is unknown', (bit) => {
    expect(verdictOf('qcow2', qcow2({ features: 1n << BigInt(bit) }))).toEqual(refused('unsafe', 'unknown_features'))
  })

  test('a size that no number can tell is accepted without a virtual size', () => {
    expect(verdictOf('qcow2', qcow2({ size: 1n << 60n }))).toEqual(accepted('qcow2', null))
  })
})

describe('vhd', () => {
  test('the geometry counts for QEMU and Virtual PC', () => {
    expect(verdictOf('vhd', vhd())).toEqual(accepted('vhd', 65 * 4 * 17 * 512))
  })

  test.each(['win ', 'qem2', 'd2v ', 'tap\0', 'CTXS', 'wa\0\0'])('the size field counts for %j', (creator) => {
    expect(verdictOf('vhd', vhd({ creator }))).toEqual(accepted('vhd', 2 * MIB))
  })

  test('the size field counts beyond the largest geometry', () => {
    const size = 1n << 41n
    expect(verdictOf('vhd', vhd({ geometry: [65535, 16, 255], size }))).toEqual(accepted('vhd', 2 ** 41))
  })
})

describe('vhdx', () => {
  test('the size is found through region and metadata tables', () => {
    expect(verdictOf('vhdx', vhdx())).toEqual(accepted('vhdx', 5 * MIB))
  })

  test.each([0n, 65_536n, BigInt(MIB) + 1n, 1n << 63n])('a metadata region at %i is refused', (regionAt) => {
    expect(verdictOf('vhdx', vhdx({ regionAt }))).toEqual(refused('mismatch', 'metadata region'))
  })

  test('a size inside the metadata table is refused', () => {
    expect(verdictOf('vhdx', vhdx({ itemAt: 32 }))).toEqual(refused('mismatch', 'inside the metadata table'))
  })

  test('a size behind the end of the data is refused', () => {
    expect(verdictOf('vhdx', vhdx({ itemAt: 0xffff_fff0 }))).toEqual(refused('mismatch', 'ends before'))
  })

  test.each([
    { at: 192 * 1024 + 8, part: 'region table has' },
    { at: MIB + 10, part: 'metadata table has' },
  ])('too many entries are refused: $part', ({ at, part }) => {
    const data = vhdx()
    data.writeUInt16LE(2048, at)
    expect(verdictOf('vhdx', data)).toEqual(refused('mismatch', part))
  })

  test('tables as long as allowed are read', () => {
    const data = vhdx()
    data.writeUInt32LE(2047, 192 * 1024 + 8)
    data.writeUInt16LE(2047, MIB + 10)
    expect(verdictOf('vhdx', data)).toEqual(accepted('vhdx', 5 * MIB))
  })
})

describe('vdi', () => {
  test('the size is rounded up to sectors', () => {
    expect(verdictOf('vdi', vdi(1000n))).toEqual(accepted('vdi', 1024))
  })
})

describe('iso', () => {
  test('only a primary descriptor tells the size', () => {
    expect(verdictOf('iso', iso())).toEqual(accepted('iso', 40_960))
    expect(verdictOf('iso', iso({ type: 0 }))).toEqual(accepted('iso', null))
    expect(verdictOf('iso', iso({ blocks: 0 }))).toEqual(accepted('iso', null))
  })

  test.each(['NSR02', 'NSR03'])('UDF descriptor %s counts', (signature) => {
    expect(verdictOf('iso', iso({ type: 0, signature }))).toEqual(accepted('iso', null))
  })

  test('a descriptor cut short does not count', () => {
    expect(verdictOf('iso', iso().subarray(0, 34_815))).toEqual(refused('mismatch', 'ends before'))
  })
})

describe('luks', () => {
  test('the guest sees what follows the header', () => {
    expect(verdictOf('luks', luks())).toEqual(accepted('luks', 4096))
    expect(verdictOf('luks', luks().subarray(0, 1000))).toEqual(accepted('luks', null))
  })

  test.each([0, 2, 3])('version %i is refused', (version) => {
    expect(verdictOf('luks', luks(version))).toEqual(refused('unsafe', `version ${version}`))
  })
})

describe('gpt', () => {
  function disk(...partitions: Partition[]): Uint8Array {
    return putMbr(noise(4096), partitions)
  }

  test.each([
    { name: 'one protective entry', data: gpt() },
    { name: 'four plain partitions', data: disk({ type: 7 }, { type: 0x83 }, { type: 0x82 }, { type: 5 }) },
    { name: 'a plain partition in the last place', data: disk({ type: 0 }, { type: 0 }, { type: 0 }, { type: 7 }) },
  ])('$name is accepted', ({ data }) => {
    expect(verdictOf('gpt', data)).toEqual(accepted('gpt', data.length))
  })

  test.each([
    { name: 'an odd boot flag', data: disk({ type: 7, boot: 1 }), part: 'boot flag' },
    { name: 'no partition', data: disk(), part: 'no partition' },
    { name: 'a second entry beside the protective one', data: disk(PROTECTIVE, { type: 7 }), part: 'more than' },
    { name: 'a protective entry not in the first place', data: disk({ type: 0 }, PROTECTIVE), part: 'more than' },
    { name: 'a protective entry elsewhere', data: disk({ ...PROTECTIVE, start: 2 }), part: 'block 1' },
    { name: 'a protective entry with an odd address', data: disk({ ...PROTECTIVE, chs: [0, 1, 0] }), part: 'CHS' },
  ])('$name is refused', ({ data, part }) => {
    expect(verdictOf('gpt', data)).toEqual(refused('unsafe', part))
    expect(verdictOf('raw', data)).toEqual(refused('unsafe', part))
  })

  test('a FAT boot sector is raw data', () => {
    const volume = disk()
    volume[0x10] = 2
    volume[0x15] = 0xf8
    expect(verdictOf('raw', volume)).toEqual({ detected: 'raw', virtualSize: 4096 })
    expect(verdictOf('gpt', volume)).toEqual(refused('mismatch', 'FAT'))
  })
})

describe('vmdk', () => {
  const changed = (from: string, to: string): Buffer => vmdk({ descriptor: DESCRIPTOR.replace(from, to) })

  test.each([
    { name: 'monolithicSparse', data: vmdk() },
    { name: 'streamOptimized', data: changed('monolithicSparse', 'streamOptimized') },
    { name: 'the type in other case', data: changed('monolithicSparse', 'MONOLITHICsparse') },
    { name: 'line ends of Windows', data: vmdk({ descriptor: DESCRIPTOR.replaceAll('\n', '\r\n') }) },
    { name: 'a read-only extent', data: changed('RW 4096', 'RDONLY 4096') },
    { name: 'header version 3', data: vmdk({ version: 3 }) },
  ])('$name is accepted', ({ data }) => {
    expect(verdictOf('vmdk', data)).toEqual(accepted('vmdk', 2 * MIB))
  })

  test.each([
    { name: 'another type', data: changed('monolithicSparse', 'monolithicFlat'), part: 'monolithicFlat' },
    { name: 'no type', data: changed('createType="monolithicSparse"\n', ''), part: 'no createType' },
    { name: 'an unquoted type', data: changed('"monolithicSparse"', 'monolithicSparse'), part: 'malformed' },
    { name: 'an endless type', data: changed('monolithicSparse"', 'x'.repeat(900)), part: 'malformed' },
    {
      name: 'a second type in a comment',
      data: changed('# Extent', '#createType="twoGbMaxExtentFlat"\n#'),
      part: 'twoGbMaxExtentFlat',
    },
    { name: 'an extent with a path', data: changed('disk.vmdk', '/etc/passwd'), part: 'path separator' },
    { name: 'an extent with a Windows path', data: changed('disk.vmdk', 'c:\\x'), part: 'path separator' },
    { name: 'a flat extent', data: changed('SPARSE', 'FLAT'), part: 'another file' },
    { name: 'a second extent', data: changed('RW ', 'RW 1 SPARSE "b.vmdk"\nRW '), part: 'more than one' },
    { name: 'no extent', data: changed('RW 4096 SPARSE "disk.vmdk"', ''), part: 'no extent' },
    { name: 'a parent', data: changed('version=1', 'parentFileNameHint="base.vmdk"'), part: 'parent' },
    { name: 'an unknown line', data: changed('version=1', 'hello there'), part: 'neither' },
    { name: 'a descriptor without end', data: vmdk({ descriptor: 'a'.repeat(16_000) }), part: 'not ended' },
    {
      name: 'a descriptor longer than its area',
      data: vmdk({ sectors: 1n, descriptor: `${DESCRIPTOR}\n${'#'.repeat(600)}` }),
      part: 'not ended',
    },
  ])('$name is refused', ({ data, part }) => {
    expect(verdictOf('vmdk', data)).toEqual(refused('unsafe', part))
    expect(verdictOf('raw', data)).toEqual(refused('unsafe', part))
  })

  test.each([
    { name: 'header version 4', data: vmdk({ version: 4 }), part: 'version 4' },
    { name: 'an empty descriptor', data: vmdk({ descriptor: '\0'.repeat(400) }), part: 'no descriptor' },
    { name: 'no room for a descriptor', data: vmdk({ sectors: 0n }), part: 'no descriptor' },
    { name: 'a descriptor longer than the data', data: vmdk({ sectors: 1n << 62n }), part: 'ends before' },
  ])('$name is not recognised', ({ data, part }) => {
    expect(verdictOf('vmdk', data)).toEqual(refused('mismatch', part))
    expect(verdictOf('raw', data)).toEqual({ detected: 'raw', virtualSize: data.length })
  })

  test('a caller can narrow the types but not widen them', () => {
    const only = (type: string) => ({ policy: { ...STRICT, vmdkAllowedTypes: [type] } })
    const flat = changed('monolithicSparse', 'monolithicFlat')
    expect(inspect(vmdk(), bare('vmdk'), only('streamOptimized')).verdict).toEqual(refused('unsafe', 'not allowed'))
    expect(inspect(vmdk(), bare('vmdk'), only('monolithicSparse')).verdict).toEqual(accepted('vmdk', 2 * MIB))
    expect(inspect(flat, bare('vmdk'), only('monolithicFlat')).verdict).toEqual(refused('unsafe', 'not allowed'))
  })
})

describe('the footer of a vmdk', () => {
  const good = withFooter(vmdk())
  const markerAt = good.length - 1536
  const footerAt = good.length - 1024

  function broken(at: number, value: number): Buffer {
    const data = Buffer.from(good)
    data.writeUInt8(value, at)
    return data
  }

  test('that repeats the header is accepted', () => {
    expect(verdictOf('vmdk', good)).toEqual(accepted('vmdk', 2 * MIB))
  })

  test.each([
    { name: 'with another magic', data: broken(footerAt, 0x58), part: 'magic' },
    { name: 'of another version', data: broken(footerAt + 4, 2), part: 'not the same' },
    { name: 'of another capacity', data: broken(footerAt + 12, 1), part: 'not the same' },
    { name: 'with another descriptor', data: broken(footerAt + 28, 9), part: 'not the same' },
    { name: 'with a longer descriptor', data: broken(footerAt + 36, 99), part: 'not the same' },
    { name: 'without its marker', data: broken(markerAt + 12, 0), part: 'marker' },
    { name: 'without an end marker', data: broken(good.length - 512, 1), part: 'end-of-stream' },
    { name: 'cut off', data: good.subarray(0, good.length - 1), part: 'marker' },
    { name: 'missing', data: good.subarray(0, 512 + 20 * 512), part: 'there is none' },
  ])('$name is refused', ({ data, part }) => {
    for (const chunkBytes of [1, 7, 512, 65_536]) {
      expect(inspect(data, bare('vmdk'), { chunkBytes }).verdict).toEqual(refused('unsafe', part))
    }
  })

  test('that leads to another footer is refused', () => {
    const data = Buffer.from(good)
    data.fill(0xff, footerAt + 56, footerAt + 64)
    expect(verdictOf('vmdk', data)).toEqual(refused('unsafe', 'another footer'))
  })

  test('is not waited for when the claim is false anyway', () => {
    expect(inspect(good, bare('ami'), { chunkBytes: 512 }).refusedAfter).toBe(512 + 20 * 512)
  })
})
