import { randomBytes } from 'node:crypto'
import { PassThrough, Readable } from 'node:stream'
import { GlanceError } from '@glance/shared/errors/error'
import { describe, expect, it } from 'vitest'
import { until } from '../testing/wait.ts'
import { type BlockPool, openBlockPool } from './blocks.ts'
import { type IntakeOptions, openIntake } from './intake.ts'

const BLOCK = 1000

/** A pool that counts the blocks that are out. */
function countingPool(): BlockPool & { out: number } {
  const pool = openBlockPool(BLOCK)
  const counting = {
    out: 0,
    take: () => {
      counting.out += 1
      return pool.take()
    },
    give: (block: Parameters<BlockPool['give']>[0]) => {
      counting.out -= 1
      pool.give(block)
    },
    drop: () => pool.drop(),
  }
  return counting
}

function intakeOf(source: Readable, more: Partial<IntakeOptions> = {}) {
  const blocks = countingPool()
  const intake = openIntake({
    source,
    blocks,
    signal: new AbortController().signal,
    admit: () => undefined,
    inspect: () => undefined,
    verdict: () => undefined,
    ...more,
  })
  return { ...intake, blocks }
}

async function readAll(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const chunk of chunks) parts.push(Buffer.from(chunk))
  return Buffer.concat(parts)
}

describe('the intake', () => {
  it.each([0, 1, 999, 1000, 1001, 25_000])('cuts %i bytes into blocks, however they come', async (size) => {
    const content = randomBytes(size)
    for (const step of [1, 7, 1000, 3333, 30_000]) {
      if (size / step > 5_000) continue
      const parts = Array.from({ length: Math.ceil(size / step) }, (_, at) =>
        content.subarray(at * step, (at + 1) * step),
      )
      const lengths: number[] = []
      const { chunks, blocks } = intakeOf(Readable.from(parts), {
        inFlight: 2,
        inspect: (block) => void lengths.push(block.length),
      })
      expect((await readAll(chunks)).equals(content)).toBe(true)
      expect(blocks.out).toBe(0)
      expect(lengths.slice(0, -1).every((length) => length === BLOCK)).toBe(true)
      expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(size)
    }
  })

  it('pauses the source while all blocks are out', async () => {
    const source = new PassThrough({ highWaterMark: 1 })
    const { chunks, blocks, stop } = intakeOf(source, { inFlight: 3 })
    const reader = chunks[Symbol.asyncIterator]()
    let written = 0
    const write = (): boolean => {
      written += 1
      return source.write(Buffer.alloc(BLOCK))
    }
    while (write()) await new Promise(setImmediate)
    await until(() => source.isPaused())
    for (let count = 0; count < 5; count++) write()
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(blocks.out).toBe(3)
    const before = source.readableLength + source.writableLength
    await reader.next()
    await reader.next()
    await until(() => source.readableLength + source.writableLength < before)
    expect(blocks.out).toBe(3)
    expect(written).toBeGreaterThan(4)
    stop()
    await reader.return?.()
    expect(blocks.out).toBe(0)
  })

  it('waits with a block for all its users', async () => {
    const held: { users: number }[] = []
    const { chunks, blocks } = intakeOf(Readable.from([Buffer.alloc(500)]), {
      inspect: (block) => {
        block.users += 1
        held.push(block)
      },
    })
    await readAll(chunks)
    expect(blocks.out).toBe(1)
    expect(held[0]?.users).toBe(1)
  })

  it.each(['admit', 'inspect', 'verdict'] as const)('ends with what %s throws', async (which) => {
    const failure = new GlanceError('FormatRefused')
    const { chunks, blocks } = intakeOf(Readable.from([randomBytes(2500)]), {
      [which]: () => {
        throw failure
      },
    })
    await expect(readAll(chunks)).rejects.toBe(failure)
    expect(blocks.out).toBe(0)
  })

  it('ends with the reason of its signal, and leaves the source paused and whole', async () => {
    const controller = new AbortController()
    const source = new PassThrough()
    const { chunks, blocks } = intakeOf(source, { signal: controller.signal })
    source.write(randomBytes(1500))
    const reading = readAll(chunks)
    setTimeout(() => controller.abort(new GlanceError('LeaseLost')), 10)
    await expect(reading).rejects.toMatchObject({ code: 'LeaseLost' })
    expect(source.destroyed).toBe(false)
    expect(source.isPaused()).toBe(true)
    expect(blocks.out).toBe(0)
  })

  it.each([
    ['an error', (source: PassThrough) => void source.destroy(new Error('reset')), 'ClientGone'],
    ['a close without an end', (source: PassThrough) => void source.destroy(), 'ClientGone'],
    [
      'a named error',
      (source: PassThrough) => void source.destroy(new GlanceError('StoreUnavailable')),
      'StoreUnavailable',
    ],
  ])('takes %s of the source for a failure', async (_, breakOff, code) => {
    const source = new PassThrough()
    const { chunks, blocks } = intakeOf(source)
    source.write(randomBytes(1500))
    setTimeout(() => breakOff(source), 10)
    await expect(readAll(chunks)).rejects.toMatchObject({ code })
    expect(blocks.out).toBe(0)
    const late = intakeOf(source)
    await expect(readAll(late.chunks)).rejects.toMatchObject({ code })
  })

  it('frees all when its reader leaves', async () => {
    const source = new PassThrough()
    const { chunks, blocks } = intakeOf(source)
    source.write(randomBytes(5500))
    for await (const chunk of chunks) {
      expect(chunk).toHaveLength(BLOCK)
      break
    }
    expect(blocks.out).toBe(0)
    source.destroy(new Error('nobody listens'))
    await new Promise(setImmediate)
  })
})
