import { expect, it, onTestFinished } from 'vitest'
import { observed } from './observe.ts'
import { sqliteAdapter } from './sqlite/adapter.ts'

it('tells of each statement with its rows, within transactions too, and never of values', async () => {
  const told: unknown[] = []
  const plain = await sqliteAdapter(':memory:').connect()
  const adapter = observed(plain, ({ sql, rows, ms }) => {
    expect(ms).toBeGreaterThanOrEqual(0)
    told.push([sql, rows])
  })
  onTestFinished(() => adapter.dispose())
  await adapter.executeScript('CREATE TABLE t (id TEXT PRIMARY KEY)')
  const statement = (sql: string, ...args: unknown[]) => ({ sql, args, argTypes: [] })
  const transaction = await adapter.startTransaction()
  await transaction.executeRaw(statement('INSERT INTO t VALUES (?)', 'secret'))
  await transaction.commit()
  await adapter.queryRaw(statement('SELECT id FROM t'))
  await expect(adapter.executeRaw(statement('INSERT INTO t VALUES (?)', 'secret'))).rejects.toThrow()
  expect(told).toEqual([
    ['INSERT INTO t VALUES (?)', 1],
    ['SELECT id FROM t', 1],
    ['INSERT INTO t VALUES (?)', undefined],
  ])
  expect(JSON.stringify(told)).not.toContain('secret')
})
