import { noise, PROTECTIVE, putMbr } from './images.ts'

const KIB = 1024
const MIB = 1024 * KIB

/** A qcow2 header of the given version and features with noise behind it. */
export function qcow2(
  options: { version?: number; backingAt?: bigint; features?: bigint; size?: bigint } = {},
): Buffer {
  const { version = 3, backingAt = 0n, features = 0n, size = BigInt(MIB) } = options
  const image = Buffer.concat([Buffer.alloc(512), noise(3584)])
  image.write('QFI\xfb', 0, 'latin1')
  image.writeUInt32BE(version, 4)
  image.writeBigUInt64BE(backingAt, 8)
  image.writeUInt32BE(16, 20)
  image.writeBigUInt64BE(size, 24)
  image.writeBigUInt64BE(features, 72)
  return image
}

export function qed(): Buffer {
  const image = Buffer.alloc(4096)
  image.write('QED\0', 0, 'latin1')
  return image
}

/** The footer copy of a dynamic VHD. */
export function vhd(options: { creator?: string; geometry?: [number, number, number]; size?: bigint } = {}): Buffer {
  const { creator = 'qemu', geometry = [65, 4, 17], size = BigInt(2 * MIB) } = options
  const image = Buffer.alloc(2560)
  image.write('conectix', 0, 'latin1')
  image.write(creator, 28, 'latin1')
  image.writeBigUInt64BE(size, 40)
  image.writeBigUInt64BE(size, 48)
  image.writeUInt16BE(geometry[0], 56)
  image.writeUInt8(geometry[1], 58)
  image.writeUInt8(geometry[2], 59)
  return image
}

/** A VHDX as short as its rules of alignment allow. */
export function vhdx(options: { regionAt?: bigint; itemAt?: number; size?: bigint } = {}): Buffer {
  const { regionAt = BigInt(MIB), itemAt = 64 * KIB, size = BigInt(5 * MIB) } = options
  const image = Buffer.alloc(MIB + 64 * KIB + 512)
  const table = 192 * KIB
  image.write('vhdxfile', 0, 'latin1')
  image.write('regi', table, 'latin1')
  image.writeUInt32LE(2, table + 8)
  image.write('06a27c8b90479a4bb8fe575f050f886e', table + 48, 'hex')
  image.writeBigUInt64LE(regionAt, table + 64)
  image.write('metadata', MIB, 'latin1')
  image.writeUInt16LE(3, MIB + 10)
  image.write('2442a52f1bcd7648b2115dbed83bf4b8', MIB + 32 + 64, 'hex')
  image.writeUInt32LE(itemAt, MIB + 32 + 64 + 16)
  image.writeUInt32LE(8, MIB + 32 + 64 + 20)
  image.writeBigUInt64LE(size, MIB + 64 * KIB)
  return image
}

/** The descriptor of a single-file VMDK. */
export const DESCRIPTOR = [
  '# Disk DescriptorFile',
  'version=1',
  'CID=22f8fec4',
  'parentCID=ffffffff',
  'createType="monolithicSparse"',
  '',
  '# Extent description',
  'RW 4096 SPARSE "disk.vmdk"',
  '',
  'ddb.virtualHWVersion = "4"',
  'ddb.adapterType = "ide"',
].join('\n')

/** A VMDK sparse header with a descriptor behind it. */
export function vmdk(options: { descriptor?: string; version?: number; sectors?: bigint } = {}): Buffer {
  const { descriptor = DESCRIPTOR, version = 1, sectors = 20n } = options
  const image = Buffer.alloc(16 * KIB)
  image.write('KDMV', 0, 'latin1')
  image.writeUInt32LE(version, 4)
  image.writeBigUInt64LE(4096n, 12)
  image.writeBigUInt64LE(1n, 28)
  image.writeBigUInt64LE(sectors, 36)
  image.writeBigUInt64LE(26n, 56)
  image.write(descriptor, 512, 'latin1')
  return image
}

export function vdi(size = BigInt(MIB)): Buffer {
  const image = Buffer.alloc(1024)
  image.write('<<< QEMU VM Virtual Disk Image >>>\n', 0, 'latin1')
  image.writeUInt32LE(0xbeda107f, 0x40)
  image.writeBigUInt64LE(size, 0x170)
  return image
}

/** An ISO 9660 primary volume descriptor behind an empty system area. */
export function iso(options: { type?: number; signature?: string; blocks?: number } = {}): Buffer {
  const { type = 1, signature = 'CD001', blocks = 20 } = options
  const image = Buffer.alloc(40 * KIB)
  image.writeUInt8(type, 32 * KIB)
  image.write(signature, 32 * KIB + 1, 'latin1')
  image.writeUInt32LE(blocks, 32 * KIB + 80)
  image.writeUInt16LE(2048, 32 * KIB + 128)
  return image
}

export function gpt(): Buffer {
  return Buffer.from(putMbr(noise(40 * KIB), [PROTECTIVE]))
}

export function luks(version = 1): Buffer {
  const image = Buffer.alloc(8 * KIB)
  image.write('LUKS\xba\xbe', 0, 'latin1')
  image.writeUInt16BE(version, 6)
  image.writeUInt32BE(8, 104)
  return image
}

/** Lays the first `length` bytes of one image over another. */
export function overlay(image: Uint8Array, over: Uint8Array, length: number): Buffer {
  const both = Buffer.from(image)
  both.set(over.subarray(0, length))
  return both
}
