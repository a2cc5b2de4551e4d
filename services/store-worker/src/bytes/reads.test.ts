import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { StoreDriver } from '../drivers/driver.ts'
import { openMemoryStore } from '../drivers/memory.ts'
import { openReads, type ReadiedRead } from './reads.ts'

const { signal } = new AbortController()
const CONTENT = Buffer.from('0123456789')
let driver: StoreDriver
let read: ReadiedRead

beforeEach(async () => {
  driver = openMemoryStore()
  const imageId = randomUUID()
  const { url } = await driver.put(imageId, [CONTENT] as never, { attempt: 'a', signal })
  read = { driver, url, imageId, size: CONTENT.length }
})
afterEach(() => void vi.useRealTimers())

describe('readied reads', () => {
  it('are opened whole or in part', async () => {
    const reads = openReads()
    const whole = await reads.take(reads.ready(read).ticket, { signal })
    expect(Buffer.concat(await whole.bytes.toArray())).toEqual(CONTENT)
    const part = await reads.take(reads.ready(read).ticket, { signal, range: { first: 3, last: 5 } })
    expect(part).toMatchObject({ length: 3, size: 10 })
    expect(String(Buffer.concat(await part.bytes.toArray()))).toBe('345')
  })

  it('have a ticket of 256 random bits, good for one time', async () => {
    const reads = openReads()
    const tickets = new Set(Array.from({ length: 100 }, () => reads.ready(read).ticket))
    expect(tickets.size).toBe(100)
    for (const ticket of tickets) expect(Buffer.from(ticket, 'base64url')).toHaveLength(32)
    const { ticket } = reads.ready(read)
    const { bytes } = await reads.take(ticket, { signal })
    bytes.destroy()
    await expect(reads.take(ticket, { signal })).rejects.toMatchObject({ code: 'TicketRefused' })
    await expect(reads.take('', { signal })).rejects.toMatchObject({ code: 'TicketRefused' })
  })

  it('expire after a minute', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const reads = openReads()
    const early = reads.ready(read).ticket
    vi.advanceTimersByTime(59_999)
    const late = reads.ready(read).ticket
    vi.advanceTimersByTime(1)
    await expect(reads.take(early, { signal })).rejects.toMatchObject({ code: 'TicketRefused' })
    const { bytes } = await reads.take(late, { signal })
    bytes.destroy()
  })

  it.each([
    { first: 0, last: 10 },
    { first: 5, last: 4 },
  ])('refuse the range $first-$last', async (range) => {
    const reads = openReads()
    const { ticket } = reads.ready(read)
    await expect(reads.take(ticket, { signal, range })).rejects.toMatchObject({ code: 'RangeNotSatisfiable' })
  })
})
