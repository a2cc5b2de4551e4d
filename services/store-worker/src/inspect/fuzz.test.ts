import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PROBES } from './formats/table.ts'
import type { InspectionPolicy } from './inspector.ts'
import { openLineup } from './lineup.ts'
import { bare, type Inspection, inspect } from './testing/feeding.ts'
import { gpt, iso, luks, qcow2, vdi, vhd, vhdx, vmdk } from './testing/headers.ts'
import { noise, openWorkbench, PROTECTIVE, putMbr, withFooter } from './testing/images.ts'

/** Change it to explore; the seed of a failing case is in its message. */
const SEED = 20_261_122
const CASES = 12_000
const MIB = 1024 * 1024
const MOST_RETAINED = 2 * MIB
/** More than all windows of all formats together. */
const MOST_RESUMES = 64

const CLAIMS = ['raw', 'qcow2', 'vhd', 'vhdx', 'vmdk', 'vdi', 'qed', 'iso', 'gpt', 'luks', 'ami', 'ploop']
const EXTREMES = [0n, 1n, 0x7fff_ffffn, 0xffff_ffffn, 1n << 53n, 0x7fff_ffff_ffff_ffffn, 0xffff_ffff_ffff_ffffn]
/** Where the structures of the formats begin. */
const HOT_SPOTS = [0, 0, 0, 440, 512, 32_768, 192 * 1024, MIB, MIB + 65_536]

type Random = (below: number) => number

/** mulberry32 */
function openRandom(seed: number): Random {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

function pick<T>(random: Random, from: readonly T[]): T {
  const item = from[random(from.length)]
  if (item === undefined) throw new Error('nothing to pick from')
  return item
}

const images: Buffer[] = []

beforeAll(() => {
  const bench = openWorkbench()
  try {
    const make = (format: string, options: string): Buffer => {
      bench.qemuImg('create', '-q', '-f', format, '-o', options, 'image', '256k')
      return bench.read('image')
    }
    images.push(make('qcow2', 'cluster_size=512'), make('qcow2', 'compat=0.10,cluster_size=4k'))
    images.push(make('vpc', 'subformat=dynamic'), make('vdi', 'static=off'), make('qed', 'cluster_size=4k'))
    images.push(make('vmdk', 'subformat=monolithicSparse'), make('vmdk', 'subformat=monolithicFlat'))
    const stream = make('vmdk', 'subformat=streamOptimized')
    images.push(stream, withFooter(stream))
    bench.iso('image', noise(10_000))
    images.push(bench.read('image'))
    images.push(Buffer.from(putMbr(bench.read('image'), [{ type: 0x17, boot: 0x80 }, PROTECTIVE])))
    images.push(qcow2(), vhd(), vhdx(), vmdk(), withFooter(vmdk()), vdi(), iso(), gpt(), luks(), noise(40_000))
  } finally {
    bench.close()
  }
}, 60_000)

afterAll(() => {
  images.length = 0
})

function mutateOnce(image: Buffer, random: Random): void {
  const spot = Math.min(pick(random, HOT_SPOTS) + random(random(4) === 0 ? 2048 : 128), image.length - 8)
  if (spot < 0) return
  switch (random(5)) {
    case 0:
      image.writeUInt8(random(256), spot)
      return
    case 1:
      image.writeBigUInt64LE(pick(random, EXTREMES), spot & ~3)
      return
    case 2:
      image.writeBigUInt64BE(pick(random, EXTREMES), spot & ~3)
      return
    case 3:
      image[spot] = (image[spot] ?? 0) ^ (1 << random(8))
      return
    default: {
      const other = pick(random, images)
      image.set(other.subarray(spot, Math.min(spot + random(64), other.length, image.length)), spot)
    }
  }
}

function mutant(random: Random): Buffer {
  const image = Buffer.from(pick(random, images))
  for (let count = random(6); count > 0; count--) mutateOnce(image, random)
  if (random(3) > 0) return image
  // Half of the cuts fall into a header, the others anywhere.
  return image.subarray(0, random(random(2) === 0 ? Math.min(2048, image.length) : image.length))
}

function chunkFor(data: Uint8Array, random: Random): number {
  return data.length > 4096 ? pick(random, [509, 4096, 65_536, MIB]) : pick(random, [1, 7, 512, 4096])
}

/** Faults of one case in words, none when it is as it must be. */
function faultsOf(seed: number): string[] {
  const random = openRandom(seed)
  const data = mutant(random)
  const claimed = pick(random, CLAIMS)
  const policy: InspectionPolicy = {
    requireMatch: random(4) > 0,
    vmdkAllowedTypes: ['streamOptimized', 'monolithicSparse'],
    gptSafetyChecksNonfatal: random(4) > 0 ? [] : ['mbr'],
  }
  const first = inspect(data, bare(claimed), { policy, chunkBytes: chunkFor(data, random) })
  const second = inspect(data, bare(claimed), { policy, chunkBytes: chunkFor(data, random) })
  const faults = verdictFaults(first, claimed, data)
  if (JSON.stringify(first.verdict) !== JSON.stringify(second.verdict)) faults.push('verdict depends on the chunks')
  return faults.concat(workFaults(data, chunkFor(data, random)))
}

function verdictFaults({ verdict, refusedAfter }: Inspection, claimed: string, data: Uint8Array): string[] {
  if ('refused' in verdict) {
    const isWellFormed = ['mismatch', 'unsafe'].includes(verdict.kind) && verdict.message.includes(`claimed ${claimed}`)
    return isWellFormed ? [] : [`bad refusal ${JSON.stringify(verdict)}`]
  }
  const faults: string[] = []
  if (refusedAfter !== undefined) faults.push('refused on the way and accepted at the end')
  const size = verdict.virtualSize
  if (size !== null && !(Number.isSafeInteger(size) && size >= 0)) faults.push(`bad virtual size ${size}`)
  if (claimed === 'raw' && size !== (data.length || null)) faults.push('raw is not as large as its data')
  if (verdict.detected === 'qed') faults.push('QED accepted')
  if (verdict.detected === 'qcow2' && data.subarray(8, 16).some((byte) => byte !== 0)) faults.push('backing accepted')
  if (verdict.detected === 'luks' && data[7] !== 1) faults.push('LUKS version accepted')
  return faults
}

function workFaults(data: Uint8Array, chunkBytes: number): string[] {
  const lineup = openLineup(PROBES, { vmdkAllowedTypes: ['streamOptimized', 'monolithicSparse'] })
  let most = 0
  for (let at = 0; at < data.length; at += chunkBytes) {
    lineup.advance(data.subarray(at, at + chunkBytes), () => true)
    most = Math.max(most, lineup.retained)
  }
  lineup.end()
  const faults: string[] = []
  if (most > MOST_RETAINED) faults.push(`${most} bytes retained`)
  if (lineup.retained !== 0) faults.push('bytes retained after the end')
  if (lineup.resumes > MOST_RESUMES) faults.push(`${lineup.resumes} resumes`)
  if (lineup.outcomes.size !== PROBES.length) faults.push('a probe without an outcome')
  return faults
}

describe('damaged and lying images', () => {
  test(`${CASES} cases from seed ${SEED} neither throw nor take much work`, () => {
    process.stdout.write(`inspection fuzz: seed ${SEED}, ${CASES} cases\n`)
    for (let seed = SEED; seed < SEED + CASES; seed++) {
      let faults: string[]
      try {
        faults = faultsOf(seed)
      } catch (error) {
        faults = [`threw ${String(error)}`]
      }
      if (faults.length > 0) expect.fail(`seed ${seed}: ${faults.join('; ')}`)
    }
  }, 120_000)

  test('the mutations reach every format, both verdicts and both kinds of refusal', () => {
    const seen = new Set<string>()
    for (let seed = SEED; seed < SEED + 3000; seed++) {
      const random = openRandom(seed)
      const data = mutant(random)
      const { verdict } = inspect(data, bare(pick(random, CLAIMS)))
      seen.add('refused' in verdict ? verdict.kind : verdict.detected)
    }
    expect([...seen]).toEqual(
      expect.arrayContaining(
        ['mismatch', 'unsafe', 'raw', ...PROBES.map((entry) => entry.format)].filter((name) => name !== 'qed'),
      ),
    )
  }, 60_000)
})
