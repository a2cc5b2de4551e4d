import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bare, inspect } from './testing/feeding.ts'
import { noise, openWorkbench, PROTECTIVE, putMbr, type Workbench, withFooter } from './testing/images.ts'

const MIB = 1024 * 1024
/** Not a multiple of a VHD cylinder, so that its rounding shows. */
const SIZE = '3M'
const CHUNKS = [1, 7, 512, 65_536, MIB]

let bench: Workbench
/** Made once: deriving its key takes seconds. */
let luks: Buffer

beforeAll(() => {
  bench = openWorkbench()
  const source = Buffer.alloc(3 * MIB)
  noise(100_000).copy(source, MIB)
  bench.write('source.raw', source)
  bench.luks('luks', '1M')
  luks = bench.read('luks')
}, 60_000)

afterAll(() => bench?.close())

function create(format: string, options: string): Buffer {
  bench.qemuImg('create', '-q', '-f', format, ...(options === '' ? [] : ['-o', options]), 'image', SIZE)
  return bench.read('image')
}

function convert(...args: string[]): Buffer {
  bench.qemuImg('convert', '-f', 'raw', ...args, 'source.raw', 'image')
  return bench.read('image')
}

interface Made {
  readonly name: string
  readonly format: string
  make(): Buffer
}

const MADE: Made[] = [
  { name: 'qcow2 v3', format: 'qcow2', make: () => convert('-O', 'qcow2') },
  { name: 'qcow2 v2', format: 'qcow2', make: () => convert('-O', 'qcow2', '-o', 'compat=0.10') },
  { name: 'qcow2 zlib', format: 'qcow2', make: () => convert('-c', '-O', 'qcow2') },
  { name: 'qcow2 zstd', format: 'qcow2', make: () => convert('-c', '-O', 'qcow2', '-o', 'compression_type=zstd') },
  { name: 'qcow2 lazy', format: 'qcow2', make: () => create('qcow2', 'lazy_refcounts=on') },
  { name: 'qcow2 small clusters', format: 'qcow2', make: () => create('qcow2', 'cluster_size=512') },
  { name: 'vhd dynamic', format: 'vhd', make: () => convert('-O', 'vpc', '-o', 'subformat=dynamic') },
  { name: 'vhd exact size', format: 'vhd', make: () => convert('-O', 'vpc', '-o', 'subformat=dynamic,force_size=on') },
  { name: 'vhdx dynamic', format: 'vhdx', make: () => convert('-O', 'vhdx', '-o', 'block_size=1M') },
  { name: 'vhdx fixed', format: 'vhdx', make: () => create('vhdx', 'subformat=fixed,block_size=1M') },
  { name: 'vhdx long log', format: 'vhdx', make: () => create('vhdx', 'log_size=2M,block_size=1M') },
  { name: 'vdi dynamic', format: 'vdi', make: () => convert('-O', 'vdi') },
  { name: 'vdi static', format: 'vdi', make: () => create('vdi', 'static=on') },
  { name: 'vmdk sparse', format: 'vmdk', make: () => convert('-O', 'vmdk', '-o', 'subformat=monolithicSparse') },
  { name: 'vmdk stream', format: 'vmdk', make: () => convert('-O', 'vmdk', '-o', 'subformat=streamOptimized') },
  {
    name: 'vmdk stream with footer',
    format: 'vmdk',
    make: () => {
      bench.write('image', withFooter(convert('-O', 'vmdk', '-o', 'subformat=streamOptimized')))
      return bench.read('image')
    },
  },
  {
    name: 'luks',
    format: 'luks',
    make: () => {
      bench.write('image', luks)
      return luks
    },
  },
  {
    name: 'iso',
    format: 'iso',
    make: () => {
      bench.iso('image', noise(300_000))
      return bench.read('image')
    },
  },
  {
    name: 'hybrid iso',
    format: 'iso',
    make: () => {
      bench.iso('image', noise(300_000))
      bench.write('image', putMbr(bench.read('image'), [{ type: 0x17, boot: 0x80 }, PROTECTIVE]))
      return bench.read('image')
    },
  },
  {
    name: 'gpt',
    format: 'gpt',
    make: () => {
      bench.write('image', putMbr(noise(MIB), [PROTECTIVE]))
      return bench.read('image')
    },
  },
  {
    name: 'plain mbr',
    format: 'gpt',
    make: () => {
      bench.write('image', putMbr(noise(MIB), [{ type: 0x83, boot: 0x80 }, { type: 0x82 }]))
      return bench.read('image')
    },
  },
  {
    name: 'raw',
    format: 'raw',
    make: () => {
      bench.write('image', noise(MIB))
      return bench.read('image')
    },
  },
]

describe('an image of the real tools', () => {
  test.each(MADE)(
    '$name is accepted with the virtual size that qemu-img tells',
    ({ format, make }) => {
      const data = make()
      const virtualSize = bench.virtualSize('image')
      for (const chunkBytes of CHUNKS) {
        const inspection = inspect(data, bare(format), { chunkBytes })
        expect(inspection, `in chunks of ${chunkBytes}`).toEqual({
          verdict: { detected: format, virtualSize },
          refusedAfter: undefined,
        })
      }
    },
    60_000,
  )

  test('the geometry of a dynamic VHD rounds its size up', () => {
    const { verdict } = inspect(create('vpc', 'subformat=dynamic'), bare('vhd'))
    expect(verdict).toMatchObject({ virtualSize: expect.toSatisfy((size: number) => size > 3 * MIB) })
  })

  test('a QED image is never accepted', () => {
    const data = create('qed', '')
    expect(inspect(data, bare('qed')).verdict).toMatchObject({ refused: true, kind: 'unsafe' })
    expect(inspect(data, bare('raw')).verdict).toMatchObject({ refused: true, kind: 'unsafe' })
  })
})

const UNRECOGNISED: Made[] = [
  { name: 'fixed vhd', format: 'vhd', make: () => create('vpc', 'subformat=fixed') },
  { name: 'vmdk flat descriptor', format: 'vmdk', make: () => create('vmdk', 'subformat=monolithicFlat') },
  { name: 'vmdk split descriptor', format: 'vmdk', make: () => create('vmdk', 'subformat=twoGbMaxExtentSparse') },
  {
    name: 'vmdk split extent',
    format: 'vmdk',
    make: () => {
      bench.qemuImg('create', '-q', '-f', 'vmdk', '-o', 'subformat=twoGbMaxExtentSparse', 'split.vmdk', SIZE)
      return bench.read('split-s001.vmdk')
    },
  },
  { name: 'truncated qcow2', format: 'qcow2', make: () => create('qcow2', '').subarray(0, 511) },
  { name: 'truncated vhdx', format: 'vhdx', make: () => create('vhdx', '').subarray(0, MIB) },
  { name: 'truncated vmdk', format: 'vmdk', make: () => create('vmdk', '').subarray(0, 2048) },
  { name: 'nothing', format: 'qcow2', make: () => Buffer.alloc(0) },
]

describe('data that its format cannot be told from', () => {
  test.each(UNRECOGNISED)(
    '$name is refused under its own name and accepted as raw',
    ({ format, make }) => {
      const data = make()
      for (const chunkBytes of CHUNKS) {
        expect(inspect(data, bare(format), { chunkBytes }).verdict).toMatchObject({ refused: true, kind: 'mismatch' })
        expect(inspect(data, bare('raw'), { chunkBytes }).verdict).toEqual({
          detected: 'raw',
          virtualSize: data.length === 0 ? null : data.length,
        })
      }
    },
    60_000,
  )

  test('an image of parallels is accepted as raw', () => {
    const data = create('parallels', '')
    expect(inspect(data, bare('raw')).verdict).toEqual({ detected: 'raw', virtualSize: data.length })
  })
})

describe('an image claimed raw', () => {
  const harmless = MADE.filter(({ format, name }) => format !== 'raw' && name !== 'hybrid iso')

  test.each(harmless)(
    '$name is accepted with a warning and its length in bytes',
    ({ format, make }) => {
      const data = make()
      expect(inspect(data, bare('raw')).verdict).toEqual({
        detected: format,
        virtualSize: data.length,
        warning: `claimed raw, but the data is ${format}`,
      })
    },
    60_000,
  )
})

describe('a qcow2 image that reaches outside itself', () => {
  test('a backing file is refused', () => {
    bench.qemuImg('create', '-q', '-f', 'qcow2', '-b', 'source.raw', '-F', 'raw', 'backed')
    for (const claimed of ['qcow2', 'raw']) {
      const { verdict, refusedAfter } = inspect(bench.read('backed'), bare(claimed), { chunkBytes: 1 })
      expect(verdict).toMatchObject({ kind: 'unsafe', message: expect.stringContaining('backing file') })
      expect(refusedAfter).toBe(512)
    }
  })

  test('an external data file is refused', () => {
    const data = create('qcow2', 'data_file=outside.raw')
    expect(inspect(data, bare('qcow2')).verdict).toMatchObject({
      kind: 'unsafe',
      message: expect.stringContaining('external file'),
    })
  })

  test('extended L2 entries are an unknown feature', () => {
    const data = create('qcow2', 'extended_l2=on,cluster_size=128k')
    expect(inspect(data, bare('qcow2')).verdict).toMatchObject({
      kind: 'unsafe',
      message: expect.stringContaining('unknown_features'),
    })
  })

  test('a dirty image is accepted', () => {
    const data = Buffer.from(create('qcow2', 'lazy_refcounts=on'))
    data.writeBigUInt64BE(1n, 72)
    expect(inspect(data, bare('qcow2')).verdict).toMatchObject({ detected: 'qcow2', virtualSize: 3 * MIB })
  })
})
