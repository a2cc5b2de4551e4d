import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDriverAdapterError, type SqlDriverAdapter, type SqlQueryable } from '@prisma/driver-adapter-utils'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sqliteAdapter } from './adapter.ts'

let dir: string
let adapter: SqlDriverAdapter

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'glance-sqlite-'))
  adapter = await sqliteAdapter(join(dir, 'test.sqlite')).connect()
  await adapter.executeScript(
    'CREATE TABLE t (id TEXT PRIMARY KEY, n BIGINT, at DATETIME, b BOOLEAN, r TEXT REFERENCES t)',
  )
})
afterEach(async () => {
  await adapter.dispose()
  rmSync(dir, { recursive: true })
})

const ask = async (on: SqlQueryable, sql: string, ...args: unknown[]) =>
  (await on.queryRaw({ sql, args, argTypes: [] })).rows
const tell = (on: SqlQueryable, sql: string, ...args: unknown[]) => on.executeRaw({ sql, args, argTypes: [] })
const kindOf = (work: Promise<unknown>) =>
  work.then(
    () => 'nothing thrown',
    (thrown) => (isDriverAdapterError(thrown) ? thrown.cause.kind : String(thrown)),
  )

describe('durability', () => {
  it('holds on the connection that reads, on the one that writes, and after transactions', async () => {
    const settings = async (on: SqlQueryable) => ({
      journal: (await ask(on, 'SELECT * FROM pragma_journal_mode'))[0]?.[0],
      // 2 is FULL: each commit is on the disk before it is answered.
      synchronous: (await ask(on, 'SELECT * FROM pragma_synchronous'))[0]?.[0],
      foreignKeys: (await ask(on, 'SELECT * FROM pragma_foreign_keys'))[0]?.[0],
    })
    const expected = { journal: 'wal', synchronous: 2, foreignKeys: 1 }
    for (let round = 0; round < 3; round += 1) {
      const transaction = await adapter.startTransaction()
      expect(await settings(transaction)).toEqual(expected)
      await transaction.commit()
      expect(await settings(adapter)).toEqual(expected)
    }
  })
})

describe('transactions', () => {
  it('are one at a time, while reads see what was committed before', async () => {
    const first = await adapter.startTransaction()
    await tell(first, "INSERT INTO t (id) VALUES ('a')")
    let hasBegun = false
    const second = adapter.startTransaction().then((transaction) => {
      hasBegun = true
      return transaction
    })
    expect(await ask(adapter, 'SELECT id FROM t')).toEqual([])
    expect(hasBegun).toBe(false)
    await first.commit()
    expect(await ask(await second, 'SELECT id FROM t')).toEqual([['a']])
    await tell(await second, "INSERT INTO t (id) VALUES ('b')")
    await (await second).rollback()
    expect(await ask(adapter, 'SELECT id FROM t')).toEqual([['a']])
  })

  it('that met a fault can be rolled back, and the next one begins', async () => {
    const transaction = await adapter.startTransaction()
    await tell(transaction, "INSERT INTO t (id) VALUES ('a')")
    expect(await kindOf(tell(transaction, "INSERT INTO t (id) VALUES ('a')"))).toBe('UniqueConstraintViolation')
    await transaction.rollback()
    const next = await adapter.startTransaction()
    expect(await ask(next, 'SELECT count(*) FROM t')).toEqual([[0]])
    await next.commit()
  })

  it('wait for another process no longer than told, as a conflict', async () => {
    const other = await sqliteAdapter(join(dir, 'test.sqlite')).connect()
    const transaction = await other.startTransaction()
    expect(await kindOf(tell(adapter, "INSERT INTO t (id) VALUES ('a')"))).toBe('TransactionWriteConflict')
    expect(await kindOf(adapter.startTransaction())).toBe('TransactionWriteConflict')
    await transaction.commit()
    await tell(adapter, "INSERT INTO t (id) VALUES ('a')")
    await other.dispose()
  })
})

describe('faults', () => {
  it.each([
    ["INSERT INTO t (id, r) VALUES ('a', 'nobody')", 'ForeignKeyConstraintViolation'],
    ['SELECT * FROM absent', 'TableDoesNotExist'],
    ['SELEC', 'sqlite'],
  ])('%s is a %s', async (sql, kind) => {
    expect(await kindOf(tell(adapter, sql))).toBe(kind)
  })
})

describe('values', () => {
  it('times go in as dates or ISO text and come out as ISO text; numbers and truth as numbers', async () => {
    const at = new Date('2026-01-02T03:04:05.678Z')
    await tell(adapter, 'INSERT INTO t VALUES (?, ?, ?, ?, NULL)', 'a', 2 ** 53 - 1, at, true)
    await adapter.executeRaw({
      sql: 'INSERT INTO t VALUES (?, ?, ?, ?, NULL)',
      args: ['b', '12', at.toISOString(), false],
      argTypes: (['string', 'bigint', 'datetime', 'boolean'] as const).map((scalarType) => ({
        scalarType,
        arity: 'scalar',
      })),
    })
    expect(await ask(adapter, 'SELECT n, at, b, r FROM t ORDER BY id')).toEqual([
      [2 ** 53 - 1, at.toISOString(), 1, null],
      [12, at.toISOString(), 0, null],
    ])
  })

  it('a statement used more often than connections keep statements still works', async () => {
    for (let number = 0; number < 600; number += 1) {
      expect(await ask(adapter, `SELECT ${number} AS n, ? AS given`, 'x')).toEqual([[number, 'x']])
    }
  })
})
