import { expect, it } from 'vitest'
import { digestsOf } from './digest.ts'
import { brokenStream, patternStream, slowStream, stalledStream } from './streams.ts'

it('gives the same bytes for the same seed and others for another', async () => {
  const bytes = 300_001
  const first = await digestsOf(patternStream({ bytes }))
  expect(first.bytes).toBe(bytes)
  expect(await digestsOf(patternStream({ bytes }))).toEqual(first)
  expect((await digestsOf(patternStream({ bytes, seed: 2 }))).sha512).not.toBe(first.sha512)
  expect(await digestsOf(slowStream({ bytes, delayMs: 1 }))).toEqual(first)
})

it('never repeats a page', async () => {
  const pages = new Set<string>()
  for await (const chunk of patternStream({ bytes: 4 << 20 })) {
    for (let offset = 0; offset < chunk.length; offset += 4096) {
      pages.add(chunk.subarray(offset, offset + 4096).toString('latin1'))
    }
  }
  expect(pages.size).toBe(1024)
})

it('holds a chunk at a time of a huge stream', async () => {
  const before = process.memoryUsage().arrayBuffers
  let highest = 0
  let bytes = 0
  for await (const chunk of patternStream({ bytes: 512 << 20, chunkBytes: 1 << 20 })) {
    bytes += chunk.length
    highest = Math.max(highest, process.memoryUsage().arrayBuffers - before)
  }
  expect(bytes).toBe(512 << 20)
  expect(highest).toBeLessThan(256 << 20)
})

it('is slow', async () => {
  const start = performance.now()
  await digestsOf(slowStream({ bytes: 5 * 1000, chunkBytes: 1000, delayMs: 20 }))
  expect(performance.now() - start).toBeGreaterThan(90)
})

it('breaks after the bytes it was told to give', async () => {
  let bytes = 0
  const read = async (): Promise<void> => {
    for await (const chunk of brokenStream({ bytes: 100_000, error: new Error('gone') })) bytes += chunk.length
  }
  await expect(read()).rejects.toThrow('gone')
  expect(bytes).toBe(100_000)
})

it('stalls until destroyed', async () => {
  const stream = stalledStream({ bytes: 10 })
  const seen: Buffer[] = []
  stream.on('data', (chunk: Buffer) => seen.push(chunk))
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(Buffer.concat(seen).length).toBe(10)
  expect(stream.readableEnded).toBe(false)
  stream.destroy()
})
