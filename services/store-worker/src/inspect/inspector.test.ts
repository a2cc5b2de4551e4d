import { describe, expect, test } from 'vitest'
import { openInspector } from './inspector.ts'
import { bare, inspect, STRICT } from './testing/feeding.ts'
import { gpt, iso, luks, overlay, qcow2, qed, vdi, vhd, vhdx, vmdk } from './testing/headers.ts'
import { noise, PROTECTIVE, putMbr } from './testing/images.ts'

const LENIENT = { ...STRICT, requireMatch: false }
const MIB = 1024 * 1024
const NOISE = noise(40_000)
const HYBRID = Buffer.from(putMbr(iso(), [{ type: 0x17, boot: 0x80 }, PROTECTIVE]))
const NO_PARTITIONS = Buffer.from(putMbr(noise(40_000), []))

describe('refusing early', () => {
  test.each([
    { claimed: 'qcow2', after: 4 },
    { claimed: 'qed', after: 4 },
    { claimed: 'vmdk', after: 4 },
    { claimed: 'luks', after: 6 },
    { claimed: 'vhd', after: 8 },
    { claimed: 'vhdx', after: 8 },
    { claimed: 'vdi', after: 68 },
    { claimed: 'gpt', after: 512 },
    { claimed: 'iso', after: 32_774 },
  ])('random bytes claimed $claimed are refused after $after bytes', ({ claimed, after }) => {
    const { verdict, refusedAfter } = inspect(NOISE, bare(claimed), { chunkBytes: 1 })
    expect(verdict).toMatchObject({ refused: true, kind: 'mismatch', message: expect.stringContaining(claimed) })
    expect(refusedAfter).toBe(after)
  })

  test.each([
    { name: 'qcow2 claimed iso', data: qcow2(), claimed: 'iso', after: 512, kind: 'mismatch' },
    { name: 'qcow2 claimed ami', data: qcow2(), claimed: 'ami', after: 512, kind: 'mismatch' },
    { name: 'iso claimed aki', data: iso(), claimed: 'aki', after: 34_816, kind: 'mismatch' },
    { name: 'hybrid iso claimed gpt', data: HYBRID, claimed: 'gpt', after: 512, kind: 'unsafe' },
    { name: 'iso claimed qcow2', data: iso(), claimed: 'qcow2', after: 4, kind: 'mismatch' },
    {
      name: 'qcow2 and iso at once, claimed raw',
      data: overlay(iso(), qcow2(), 512),
      claimed: 'raw',
      after: 34_816,
      kind: 'mismatch',
    },
    {
      name: 'qcow2 and iso at once, claimed iso',
      data: overlay(iso(), qcow2(), 512),
      claimed: 'iso',
      after: 512,
      kind: 'mismatch',
    },
    {
      name: 'qcow2 with a backing file',
      data: qcow2({ backingAt: 400n }),
      claimed: 'qcow2',
      after: 512,
      kind: 'unsafe',
    },
    { name: 'qed claimed raw', data: qed(), claimed: 'raw', after: 512, kind: 'unsafe' },
    { name: 'LUKS2 claimed raw', data: luks(2), claimed: 'raw', after: 592, kind: 'unsafe' },
    { name: 'a table without partitions claimed gpt', data: NO_PARTITIONS, claimed: 'gpt', after: 512, kind: 'unsafe' },
    { name: 'the same claimed raw', data: NO_PARTITIONS, claimed: 'raw', after: 32_774, kind: 'unsafe' },
    {
      name: 'vhdx without a region table',
      data: overlay(Buffer.alloc(MIB), vhdx(), 512),
      claimed: 'vhdx',
      after: 196_624,
      kind: 'mismatch',
    },
    {
      name: 'vmdk of another type',
      data: vmdk({ descriptor: 'createType="monolithicFlat"' }),
      claimed: 'vmdk',
      after: 512 + 20 * 512,
      kind: 'unsafe',
    },
  ])('$name is refused after $after bytes', ({ data, claimed, after, kind }) => {
    for (const chunkBytes of [1, 7, 512, 65_536, MIB]) {
      const { verdict, refusedAfter = Number.NaN } = inspect(data, bare(claimed), { chunkBytes })
      expect(verdict).toMatchObject({ refused: true, kind })
      expect(refusedAfter).toBe(Math.min(Math.ceil(after / chunkBytes) * chunkBytes, data.length))
    }
  })

  test('an announced size too small for the format is refused before the first byte', () => {
    expect(openInspector({ ...bare('qcow2'), size: 0 }, STRICT).refusal()).toMatchObject({ kind: 'mismatch' })
    expect(openInspector({ ...bare('iso'), size: 32_000 }, STRICT).refusal()).toMatchObject({ kind: 'mismatch' })
    expect(openInspector({ ...bare('raw'), size: 0 }, STRICT).refusal()).toBeUndefined()
    expect(openInspector({ ...bare('ami'), size: 0 }, STRICT).refusal()).toBeUndefined()
    expect(openInspector({ ...bare('qcow2'), size: 0 }, LENIENT).refusal()).toBeUndefined()
  })

  test('an announced size too small for what the header points to is refused at the pointer', () => {
    const data = vhdx({ regionAt: BigInt(MIB) << 20n })
    const claim = { ...bare('vhdx'), size: data.length }
    expect(inspect(data, claim, { chunkBytes: 512 }).refusedAfter).toBe(192 * 1024 + 512)
    expect(inspect(data, bare('vhdx')).verdict).toMatchObject({ kind: 'mismatch' })
  })

  test('an announced size that fits changes nothing', () => {
    const data = qcow2()
    expect(inspect(data, { ...bare('qcow2'), size: data.length }).verdict).toMatchObject({ detected: 'qcow2' })
  })
})

describe('the verdict', () => {
  test('containers other than bare are not looked at', () => {
    const { verdict, refusedAfter } = inspect(qcow2({ backingAt: 1n }), { diskFormat: 'vmdk', containerFormat: 'ova' })
    expect(verdict).toEqual({ detected: 'unknown', virtualSize: null })
    expect(refusedAfter).toBeUndefined()
  })

  test.each(['ami', 'ari', 'aki', 'ploop'])('%s cannot be inspected: unknown data passes', (claimed) => {
    expect(inspect(NOISE, bare(claimed)).verdict).toEqual({ detected: 'raw', virtualSize: null })
    expect(inspect(Buffer.alloc(0), bare(claimed)).verdict).toEqual({ detected: 'raw', virtualSize: null })
    expect(inspect(vdi(), bare(claimed)).verdict).toMatchObject({ kind: 'mismatch' })
  })

  test('an ISO with a boot sector is an ISO, whatever its partitions look like', () => {
    expect(inspect(HYBRID, bare('iso')).verdict).toEqual({ detected: 'iso', virtualSize: 40_960 })
    expect(inspect(HYBRID, bare('raw')).verdict).toMatchObject({ detected: 'iso', virtualSize: HYBRID.length })
    expect(inspect(HYBRID, bare('gpt')).verdict).toMatchObject({ refused: true })
  })

  test('no data is raw without a virtual size', () => {
    expect(inspect(Buffer.alloc(0), bare('raw')).verdict).toEqual({ detected: 'raw', virtualSize: null })
    expect(inspect(Buffer.alloc(0), bare('qcow2')).verdict).toMatchObject({ kind: 'mismatch' })
  })

  test('one byte less than a header is not the format', () => {
    const header = qcow2().subarray(0, 512)
    expect(inspect(header, bare('qcow2')).verdict).toEqual({ detected: 'qcow2', virtualSize: MIB })
    expect(inspect(header.subarray(0, 511), bare('qcow2')).verdict).toMatchObject({
      kind: 'mismatch',
      message: expect.stringContaining('ends before'),
    })
  })

  test('the message tells claim, finding and rule', () => {
    expect(inspect(vhd(), bare('qcow2')).verdict).toMatchObject({
      message: 'Image content does not match disk_format: claimed qcow2: bytes 0-3 are not the qcow2 magic "QFI\\xfb"',
    })
    expect(inspect(qcow2(), bare('iso')).verdict).toMatchObject({
      message:
        'Image content does not match disk_format: claimed iso, found qcow2: only data recognised as iso and nothing else is accepted',
    })
    expect(inspect(luks(2), bare('raw')).verdict).toMatchObject({
      message: 'Image failed safety checks: claimed raw, found luks: LUKS version 2 is not 1 (check version)',
    })
  })

  test('without require_image_format_match a mismatch is a warning and gives no virtual size', () => {
    expect(inspect(qcow2(), bare('vmdk'), { policy: LENIENT })).toEqual({
      verdict: { detected: 'qcow2', virtualSize: null, warning: 'claimed vmdk, but the data is qcow2' },
      refusedAfter: undefined,
    })
    expect(inspect(overlay(iso(), qcow2(), 512), bare('raw'), { policy: LENIENT }).verdict).toMatchObject({
      detected: 'qcow2+iso',
      virtualSize: 40_960,
      warning: expect.any(String),
    })
    expect(inspect(NOISE, bare('iso'), { policy: LENIENT }).verdict).toMatchObject({ detected: 'raw' })
    expect(inspect(qcow2(), bare('qcow2'), { policy: LENIENT }).verdict).toEqual({
      detected: 'qcow2',
      virtualSize: MIB,
    })
  })

  test('without require_image_format_match unsafe data is refused all the same', () => {
    const data = qcow2({ backingAt: 1n })
    for (const claimed of ['qcow2', 'raw', 'vmdk', 'ami']) {
      expect(inspect(data, bare(claimed), { policy: LENIENT }).verdict).toMatchObject({ kind: 'unsafe' })
    }
  })

  test('a failed partition check named in gpt_safety_checks_nonfatal is a warning', () => {
    const policy = { ...STRICT, gptSafetyChecksNonfatal: ['mbr'] }
    expect(inspect(NO_PARTITIONS, bare('gpt'), { policy }).verdict).toEqual({
      detected: 'gpt',
      virtualSize: NO_PARTITIONS.length,
      warning: 'its partition table is faulty: the MBR defines no partition',
    })
    expect(inspect(NO_PARTITIONS, bare('raw'), { policy }).verdict).toMatchObject({
      virtualSize: NO_PARTITIONS.length,
    })
    expect(inspect(luks(2), bare('luks'), { policy }).verdict).toMatchObject({ kind: 'unsafe' })
  })

  test('bytes after a refusal change nothing', () => {
    const inspector = openInspector(bare('qcow2'), STRICT)
    inspector.feed(Buffer.from('nope'))
    const first = inspector.refusal()
    inspector.feed(qcow2())
    expect(first).toBeDefined()
    expect(inspector.refusal()).toBe(first)
    expect(inspector.finish()).toBe(first)
  })

  test('a gpt image is recognised next to a claim of it', () => {
    expect(inspect(gpt(), bare('gpt')).verdict).toEqual({ detected: 'gpt', virtualSize: gpt().length })
  })
})
