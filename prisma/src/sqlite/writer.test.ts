import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openConnection, type SqliteConnection } from './connection.ts'
import { openWriter, type Writer } from './writer.ts'

let dir: string
let connection: SqliteConnection
let writer: Writer
/** Another connection: it sees what is committed, and nothing else. */
let other: SqliteConnection
let commits: number

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'glance-writer-'))
  connection = openConnection(join(dir, 'test.sqlite'))
  connection.script('CREATE TABLE t (id TEXT PRIMARY KEY)')
  other = openConnection(join(dir, 'test.sqlite'))
  commits = 0
  writer = openWriter({
    ...connection,
    run: (sql, parameters) => {
      if (sql === 'COMMIT') commits += 1
      return connection.run(sql, parameters)
    },
  })
})
afterEach(() => {
  writer.close()
  other.close()
  rmSync(dir, { recursive: true })
})

const insert = (id: string) => connection.run('INSERT INTO t VALUES (?)', [id]).changes
const committed = () => other.run('SELECT id FROM t ORDER BY id', []).rows.map(([id]) => id)

it('commits together what ends together, and answers once it is committed', async () => {
  const answers = ['a', 'b', 'c'].map((id) =>
    writer
      .run(() => insert(id))
      .then((changed) => {
        expect(committed()).toContain(id)
        return changed
      }),
  )
  expect(await Promise.all(answers)).toEqual([1, 1, 1])
  expect(commits).toBe(1)
})

it('one that fails is undone alone', async () => {
  const results = await Promise.allSettled(
    ['a', 'a', 'b'].map((id) =>
      writer.run(() => {
        insert(`${id}-first`)
        return insert(id)
      }),
    ),
  )
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(committed()).toEqual(['a', 'a-first', 'b', 'b-first'])
})

it('of one alone that fails nothing stays open', async () => {
  await expect(
    writer.run(() => {
      throw new Error('no')
    }),
  ).rejects.toThrow('no')
  expect(connection.isInTransaction()).toBe(false)
})

it('a group grows no larger than its bound', async () => {
  await Promise.all(Array.from({ length: 130 }, (_, number) => writer.run(() => insert(String(number)))))
  expect(commits).toBe(3)
  expect(committed()).toHaveLength(130)
})

it('nobody waits for the answer of one who thinks', async () => {
  const brief = writer.run(() => insert('a'))
  const open = await writer.begin()
  await brief
  expect(committed()).toEqual(['a'])
  insert('b')
  const later = writer.run(() => insert('c'))
  await new Promise((resolve) => setTimeout(resolve, 10))
  expect(committed()).toEqual(['a'])
  await Promise.all([open.commit(), later])
  expect(committed()).toEqual(['a', 'b', 'c'])
})

it('a commit that the disk refuses is refused to all who wait for it, and the next one succeeds', async () => {
  writer.close()
  connection = openConnection(join(dir, 'test.sqlite'))
  let isFull = true
  writer = openWriter({
    ...connection,
    run: (sql, parameters) => {
      if (sql === 'COMMIT' && isFull) throw new Error('disk full')
      return connection.run(sql, parameters)
    },
  })
  const results = await Promise.allSettled(['a', 'b'].map((id) => writer.run(() => insert(id))))
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  isFull = false
  await writer.run(() => insert('c'))
  expect(committed()).toEqual(['c'])
})
