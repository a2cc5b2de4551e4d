import { describe, expect, it } from 'vitest'
import { dataRuns, holeSize } from './sparse.ts'

const BLOCK = 16_384

describe('holes', () => {
  it('are near what the operator asked for', () => {
    expect(holeSize(65_536)).toBe(65_536)
    expect(holeSize(1)).toBe(16_384)
    expect(holeSize(100_000)).toBe(131_072)
    expect(holeSize(1 << 30)).toBe(1 << 20)
  })

  it('are blocks of zeros at multiples of the block in the file', () => {
    const chunk = new Uint8Array(new SharedArrayBuffer(4 * BLOCK))
    expect(dataRuns(chunk, 0, BLOCK)).toEqual([])
    chunk[BLOCK] = 1
    chunk[3 * BLOCK - 1] = 1
    expect(dataRuns(chunk, 0, BLOCK)).toEqual([{ start: BLOCK, end: 3 * BLOCK }])
    // Blocks of the file begin 100 bytes into the chunk; the one between the two bytes is a hole.
    expect(dataRuns(chunk, 7 * BLOCK - 100, BLOCK)).toEqual([
      { start: 100, end: BLOCK + 100 },
      { start: 2 * BLOCK + 100, end: 3 * BLOCK + 100 },
    ])
  })

  it('of no bytes are none', () => {
    expect(dataRuns(new Uint8Array(0), 5, BLOCK)).toEqual([])
  })

  it('never hide data, whatever the chunks', () => {
    const data = new Uint8Array(10 * BLOCK)
    for (const at of [0, 1, BLOCK - 1, 5 * BLOCK, 9 * BLOCK + 5]) data[at] = 9
    for (const size of [1_000, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK]) {
      const copy = new Uint8Array(data.length)
      for (let position = 0; position < data.length; position += size) {
        const chunk = data.subarray(position, position + size)
        for (const { start, end } of dataRuns(chunk, position, BLOCK))
          copy.set(chunk.subarray(start, end), position + start)
      }
      expect(Buffer.compare(copy, data)).toBe(0)
    }
  })
})
