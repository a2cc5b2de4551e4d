import { silentLog } from '@glance/shared/log/silent'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type Database, openDatabase } from '../db/client.ts'
import { sql } from '../db/sql.ts'
import { openSweep, type Sweep } from './sweep.ts'

let database: Database
let sweep: Sweep | undefined
let failed: string[]
let stubborn: Set<string>

beforeEach(async () => {
  database = await openDatabase({ provider: 'sqlite', file: ':memory:' })
  await database.migrate()
  failed = []
  stubborn = new Set()
})
afterEach(async () => {
  await sweep?.stop()
  await database.close()
})

const ago = (seconds: number) => new Date(Date.now() - seconds * 1_000)

async function addTransfer(id: string, state: string, expiresAt: Date): Promise<void> {
  await database.execute(sql`
    INSERT INTO transfers (id, image_id, store, state, job_id, created_at, expires_at)
    VALUES (${id}, ${'image'}, ${'fast'}, ${state}, ${'job'}, ${expiresAt}, ${expiresAt})`)
}

async function addToken(hash: string, expiresAt: Date): Promise<void> {
  await database.execute(sql`INSERT INTO tokens (hash, expires_at, body) VALUES (${hash}, ${expiresAt}, ${'{}'})`)
}

function start(): void {
  sweep = openSweep({
    database,
    log: silentLog,
    intervalMs: 10,
    failTransfer: async (id) => {
      failed.push(id)
      if (stubborn.has(id)) throw new Error('not now')
      await database.execute(sql`UPDATE transfers SET state = ${'failed'} WHERE id = ${id}`)
    },
  })
  sweep.start()
}

const names = async (column: string, table: string) =>
  (await database.query({ text: `SELECT ${column} FROM ${table} ORDER BY 1`, values: [] })).map(([name]) => name)

it('ends live transfers whose lease is over, forgets ended ones, and drops expired tokens', async () => {
  await addTransfer('expired', 'live', ago(1))
  await addTransfer('running', 'live', ago(-60))
  await addTransfer('remembered', 'completed', ago(-60))
  await addTransfer('forgotten', 'completed', ago(1))
  await addToken('old', ago(1))
  await addToken('valid', ago(-60))
  start()
  await vi.waitFor(async () => expect(await names('hash', 'tokens')).toEqual(['valid']))
  expect(failed).toEqual(['expired'])
  await vi.waitFor(async () => expect(await names('id', 'transfers')).toEqual(['remembered', 'running']))
})

it('one transfer that cannot be ended does not keep the others waiting, and is tried again', async () => {
  stubborn.add('stubborn')
  await addTransfer('stubborn', 'live', ago(5))
  await addTransfer('other', 'live', ago(1))
  start()
  await vi.waitFor(() => expect(failed.filter((id) => id === 'stubborn').length).toBeGreaterThan(1))
  expect(failed).toContain('other')
})

it('goes on when the database was away for a while', async () => {
  const asked = vi.spyOn(database, 'query').mockRejectedValueOnce(new Error('away'))
  await addTransfer('expired', 'live', ago(1))
  start()
  await vi.waitFor(() => expect(failed).toEqual(['expired']))
  expect(asked.mock.calls.length).toBeGreaterThan(1)
})
