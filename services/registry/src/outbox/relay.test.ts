import { randomUUID } from 'node:crypto'
import type { JobQueue } from '@glance/shared/bus/types'
import type { QueuedJob } from '@glance/shared/contracts/jobs'
import { silentLog } from '@glance/shared/log/silent'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Database, openDatabase } from '../db/client.ts'
import { sql } from '../db/sql.ts'
import { openRelay, type Relay, type RelayOptions } from './relay.ts'
import { writeJob } from './write.ts'

let database: Database
let added: QueuedJob[]
let isDown: boolean
let attempts: number
const relays: Relay[] = []

const jobQueue: JobQueue = {
  add: async (job) => {
    attempts += 1
    if (isDown) throw new Error('the queue is down')
    added.push(job)
  },
  remove: async () => undefined,
  close: async () => undefined,
}

beforeEach(async () => {
  database = await openDatabase({ provider: 'sqlite', file: ':memory:' })
  await database.migrate()
  added = []
  isDown = false
  attempts = 0
})
afterEach(async () => {
  for (const relay of relays.splice(0)) await relay.stop()
  await database.close()
})

const HOUR_MS = 3_600_000

function open(options: Partial<RelayOptions> = {}): Relay {
  const relay = openRelay({
    database,
    jobQueue,
    log: silentLog,
    intervalMs: HOUR_MS,
    republishAfterMs: HOUR_MS,
    republishOnStart: false,
    ...options,
  })
  relays.push(relay)
  return relay
}

function write(name: 'delete' | 'upload' = 'delete', imageId: string = randomUUID()): Promise<string> {
  const requestId = 'req-1'
  return database.transaction((tx) =>
    name === 'delete'
      ? writeJob(
          tx,
          { name, store: 'fast', payload: { imageId, store: 'fast', url: 'file:///x' }, requestId },
          new Date(),
        )
      : writeJob(
          tx,
          {
            name,
            store: 'fast',
            payload: {
              transferId: 't',
              imageId,
              store: 'fast',
              source: { address: 'memory:', ticket: 'x' },
              sizeLimit: 1,
              diskFormat: 'raw',
              containerFormat: 'bare',
            },
            requestId,
          },
          new Date(),
        ),
  )
}

const ids = () => added.map(({ id }) => id)

describe('publishing', () => {
  it('carries rows in order of their creation, each whole', async () => {
    const first = await write('delete', 'image-1')
    const others = [await write(), await write()]
    open().start()
    await vi.waitFor(() => expect(ids()).toEqual([first, ...others]))
    expect(added[0]).toEqual({
      id: first,
      name: 'delete',
      queue: 'glance-store-fast',
      payload: { imageId: 'image-1', store: 'fast', url: 'file:///x' },
      requestId: 'req-1',
    })
  })

  it('begins when kicked, without waiting for the interval', async () => {
    const relay = open()
    relay.start()
    await write()
    relay.kick()
    await vi.waitFor(() => expect(added).toHaveLength(1))
    await write()
    relay.kick()
    await vi.waitFor(() => expect(added).toHaveLength(2))
  })

  it('goes beyond one page', async () => {
    for (let number = 0; number < 230; number += 1) await write()
    open().start()
    await vi.waitFor(() => expect(added).toHaveLength(230))
    expect(new Set(ids()).size).toBe(230)
  })

  it('of several relays publishes each row once', async () => {
    for (let number = 0; number < 40; number += 1) await write()
    for (const relay of [open(), open(), open()]) relay.start()
    await vi.waitFor(() => expect(added.length).toBeGreaterThanOrEqual(40))
    await Promise.all(relays.map((relay) => relay.stop()))
    expect(ids().toSorted()).toEqual([...new Set(ids())].toSorted())
  })

  it('does nothing before start and nothing after stop', async () => {
    const relay = open()
    await write()
    relay.kick()
    relay.start()
    await vi.waitFor(() => expect(added).toHaveLength(1))
    await relay.stop()
    await write()
    relay.kick()
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(added).toHaveLength(1)
  })
})

describe('a queue that is down', () => {
  it('loses nothing, and is not hammered, kicks or not', async () => {
    isDown = true
    const relay = open()
    relay.start()
    const row = await write()
    relay.kick()
    await vi.waitFor(() => expect(attempts).toBeGreaterThan(0))
    for (let kicks = 0; kicks < 50; kicks += 1) {
      relay.kick()
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    expect(attempts).toBeLessThan(4)
    isDown = false
    await vi.waitFor(() => expect(ids()).toEqual([row]), { timeout: 5_000 })
  })
})

describe('what its queue may have lost', () => {
  const age = (id: string, ms: number) =>
    database.execute(sql`UPDATE outbox SET published_at = ${new Date(Date.now() - ms)}, attempts = 1 WHERE id = ${id}`)

  it('is published again after a while, under the same id, but not an upload', async () => {
    const lost = await write()
    const recent = await write()
    const upload = await write('upload')
    await age(lost, 90_000)
    await age(recent, 30_000)
    await age(upload, 90_000)
    open({ republishAfterMs: 60_000 }).start()
    await vi.waitFor(() => expect(ids()).toEqual([lost]))
  })

  it('is published again at start where the queue lives in the process', async () => {
    const rows = [await write(), await write('upload')]
    for (const id of rows) await age(id, 1)
    open({ republishOnStart: true }).start()
    await vi.waitFor(() => expect(ids()).toEqual(rows))
  })
})

it('a row whose transaction was undone is never published', async () => {
  const undone = database.transaction(async (tx) => {
    await writeJob(
      tx,
      { name: 'discard', store: 'fast', payload: { imageId: 'i', store: 'fast', transferId: 't' }, requestId: 'r' },
      new Date(),
    )
    throw new Error('undo')
  })
  await expect(undone).rejects.toThrow()
  const kept = await write()
  open().start()
  await vi.waitFor(() => expect(ids()).toEqual([kept]))
})
