import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GlanceError } from '@glance/shared/errors/error'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Database, openDatabase } from './client.ts'
import { sql } from './sql.ts'

let dir: string
let database: Database

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'glance-registry-'))
  database = await openDatabase({ provider: 'sqlite', file: join(dir, 'glance.sqlite') })
  await database.migrate()
})
afterEach(async () => {
  await database.close()
  rmSync(dir, { recursive: true })
})

const insert = (hash: string) =>
  sql`INSERT INTO tokens (hash, expires_at, body) VALUES (${hash}, ${new Date()}, ${'{}'})`
const hashes = async () => (await database.query(sql`SELECT hash FROM tokens ORDER BY hash`)).map(([hash]) => hash)

describe('batch', () => {
  it('is all or nothing', async () => {
    await database.batch([{ sql: insert('a') }, { sql: insert('b') }])
    await expect(database.batch([{ sql: insert('c') }, { sql: insert('a') }])).rejects.toMatchObject({
      code: 'Duplicate',
    })
    expect(await hashes()).toEqual(['a', 'b'])
  })

  it('is undone when a statement meets another number of rows than expected', async () => {
    const missed = { sql: sql`DELETE FROM tokens WHERE hash = ${'absent'}`, expect: 1 }
    await expect(database.batch([{ sql: insert('a') }, missed])).rejects.toMatchObject({ code: 'Conflict' })
    expect(await hashes()).toEqual([])
  })

  it('of nothing does nothing', async () => {
    await database.batch([])
    expect(await hashes()).toEqual([])
  })
})

describe('transaction', () => {
  it('is undone by what its work throws, which passes unchanged', async () => {
    const thrown = new GlanceError('Gone')
    const work = database.transaction(async (tx) => {
      await tx.token.create({ data: { hash: 'a', expiresAt: new Date(), body: '' } })
      throw thrown
    })
    await expect(work).rejects.toBe(thrown)
    expect(await hashes()).toEqual([])
  })

  it('is run again when another process was writing', async () => {
    const other = await openDatabase({ provider: 'sqlite', file: join(dir, 'glance.sqlite') })
    let attempts = 0
    let proceed: () => void = () => undefined
    const blocked = new Promise<void>((resolve) => {
      proceed = resolve
    })
    const holding = other.transaction(async (tx) => {
      await tx.token.create({ data: { hash: 'a', expiresAt: new Date(), body: '' } })
      await blocked
    })
    const waiting = database.transaction(async (tx) => {
      attempts += 1
      await tx.token.create({ data: { hash: 'b', expiresAt: new Date(), body: '' } })
    })
    setTimeout(proceed, 600)
    await Promise.all([holding, waiting])
    expect(attempts).toBe(1)
    expect(await hashes()).toEqual(['a', 'b'])
    await other.close()
  })

  it('throws a taken key as Duplicate', async () => {
    await database.execute(insert('a'))
    const work = database.transaction((tx) => tx.token.create({ data: { hash: 'a', expiresAt: new Date(), body: '' } }))
    await expect(work).rejects.toMatchObject({ code: 'Duplicate' })
  })
})

describe('schema', () => {
  it('several processes may bring it up to date at once', async () => {
    const file = join(dir, 'other.sqlite')
    const several = await Promise.all([1, 2, 3].map(() => openDatabase({ provider: 'sqlite', file })))
    expect(await several[0]?.pendingMigrations()).toContain('0001_init')
    const applied = await Promise.all(several.map((each) => each.migrate()))
    expect(applied.flat().filter((name) => name === '0001_init')).toEqual(['0001_init'])
    expect(await several[1]?.pendingMigrations()).toEqual([])
    await Promise.all(several.map((each) => each.close()))
  })

  it('a step that another program applied differently stops it', async () => {
    await database.execute(sql`UPDATE _prisma_migrations SET checksum = ${'other'}`)
    await expect(database.migrate()).rejects.toThrow(/0001_init was applied with another content/)
  })

  it('a step that began and did not finish stops it', async () => {
    await database.execute(sql`UPDATE _prisma_migrations SET finished_at = NULL`)
    await expect(database.pendingMigrations()).rejects.toThrow(/0001_init began and did not finish/)
  })

  it('a database of a newer program stops it', async () => {
    await database.execute(sql`UPDATE _prisma_migrations SET migration_name = ${'9999_later'}`)
    await expect(database.migrate()).rejects.toThrow(/9999_later, which this program does not know/)
  })
})

it('a file that cannot be opened is told without a crash', async () => {
  await expect(openDatabase({ provider: 'sqlite', file: join(dir, 'absent', 'x.sqlite') })).rejects.toThrow()
})

it('a server that is away is Unavailable, for every way to ask', async () => {
  const away = { host: '127.0.0.1', port: 1, user: 'u', password: 'p', database: 'd', parameters: {} }
  for (const provider of ['mysql', 'postgresql'] as const) {
    const absent = await openDatabase({ provider, ...away }, { acquireTimeoutMs: 300 })
    await expect(absent.ping(), provider).rejects.toMatchObject({ code: 'Unavailable' })
    await expect(absent.execute(insert('a')), provider).rejects.toMatchObject({ code: 'Unavailable' })
    await expect(absent.batch([{ sql: insert('a') }, { sql: insert('b') }]), provider).rejects.toMatchObject({
      code: 'Unavailable',
    })
    await expect(
      absent.transaction((tx) => tx.token.findMany()),
      provider,
    ).rejects.toMatchObject({
      code: 'Unavailable',
    })
    await expect(absent.migrate(), provider).rejects.toMatchObject({ code: 'Unavailable' })
    await absent.close()
  }
})
