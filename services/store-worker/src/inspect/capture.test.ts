import { describe, expect, test } from 'vitest'
import { type Capture, openCapture } from './capture.ts'
import { found } from './probe.ts'

const DATA = Uint8Array.from({ length: 100 }, (_, index) => index)

function pass(capture: Capture, chunkBytes: number, from = 0): Uint8Array | undefined {
  for (let at = from; at < DATA.length; at += chunkBytes) capture.take(DATA.subarray(at, at + chunkBytes), at)
  return capture.whole()
}

describe.each([1, 3, 10, 99, 100])('in chunks of %i bytes', (chunkBytes) => {
  test.each([
    [0, 100],
    [0, 1],
    [99, 1],
    [17, 30],
    [40, 0],
  ])('the window at %i of %i bytes is copied', (at, length) => {
    const capture = openCapture({ at, length }, 0)
    expect(capture.end).toBe(at + length)
    expect(pass(capture, chunkBytes)).toEqual(DATA.subarray(at, at + length))
  })

  test('a window beyond the end is not had', () => {
    expect(pass(openCapture({ at: 90, length: 11 }, 0), chunkBytes)).toBeUndefined()
    expect(pass(openCapture({ at: 200, length: 1 }, 0), chunkBytes)).toBeUndefined()
  })

  test.each([1, 7, 50, 100])('the last %i bytes are kept', (last) => {
    const capture = openCapture({ last, found: found(null) }, 0)
    expect(pass(capture, chunkBytes)).toEqual(DATA.subarray(100 - last))
    expect(capture.retained).toBe(2 * last)
  })

  test('more last bytes than there are is none', () => {
    expect(pass(openCapture({ last: 101, found: found(null) }, 0), chunkBytes)).toBeUndefined()
  })
})

test('a window that begins before the stream position is given up at once', () => {
  const capture = openCapture({ at: 10, length: 50 }, 11)
  expect(capture.end).toBe(11)
  expect(pass(capture, 10, 11)).toBeUndefined()
})

test('memory is taken when the window begins', () => {
  const capture = openCapture({ at: 50, length: 40 }, 0)
  capture.take(DATA.subarray(0, 50), 0)
  expect(capture.retained).toBe(0)
  capture.take(DATA.subarray(50, 51), 50)
  expect(capture.retained).toBe(40)
})

test('what was copied does not change with the chunk', () => {
  const chunk = Uint8Array.from([1, 2, 3])
  const window = openCapture({ at: 0, length: 3 }, 0)
  const tail = openCapture({ last: 3, found: found(null) }, 0)
  window.take(chunk, 0)
  tail.take(chunk, 0)
  chunk.fill(9)
  expect(window.whole()).toEqual(Uint8Array.from([1, 2, 3]))
  expect(tail.whole()).toEqual(Uint8Array.from([1, 2, 3]))
})
