import { randomFillSync } from 'node:crypto'
import { expect, it } from 'vitest'
import { releaseIdleMemory } from './idle-memory.ts'

it('gives the memory of shared buffers that nobody uses back to the system', () => {
  const MIB = 1024 * 1024
  let buffers: Uint8Array[] | undefined = Array.from({ length: 64 }, () =>
    randomFillSync(new Uint8Array(new SharedArrayBuffer(MIB))),
  )
  const busy = process.memoryUsage().rss
  expect(buffers).toHaveLength(64)
  buffers = undefined
  releaseIdleMemory()
  expect(process.memoryUsage().rss).toBeLessThan(busy - 40 * MIB)
})
