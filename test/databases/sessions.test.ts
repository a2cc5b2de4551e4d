import { randomUUID } from 'node:crypto'
import { findImage, insertImage } from '@glance/registry/db/images'
import { sql } from '@glance/registry/db/sql'
import { describe, expect, inject, it } from 'vitest'
import { createOn, DATABASES, open } from './databases.ts'

describe.each(DATABASES)('connections to $name', ({ create }) => {
  it('gather an image of the largest properties whole', async () => {
    const fresh = await create()
    const database = await open(fresh.url)
    try {
      const value = `"\\${'x'.repeat(65_533)}`
      const properties = Object.fromEntries(Array.from({ length: 128 }, (_, number) => [`property-${number}`, value]))
      const id = randomUUID()
      await insertImage(database, {
        id,
        name: null,
        status: 'queued',
        visibility: 'shared',
        protected: false,
        os_hidden: false,
        owner: null,
        disk_format: null,
        container_format: null,
        min_disk: 0,
        min_ram: 0,
        tags: [],
        properties,
        createdAt: new Date(),
      })
      const found = await findImage(database, id, null)
      expect(found?.image.properties).toEqual(properties)
    } finally {
      await database.close()
      await fresh.remove()
    }
  })
})

it('sessions on MariaDB refuse what does not fit, lock no gaps, and tell trailing blanks apart', async () => {
  const fresh = await createOn(inject('databaseServers').mariadb)
  const database = await open(fresh.url, { maxConnections: 3 })
  try {
    const isolation = () =>
      database.transaction((tx) => tx.$queryRaw<{ isolation: string }[]>`SELECT @@tx_isolation AS isolation`)
    for (const [row] of await Promise.all([isolation(), isolation(), isolation()])) {
      expect(row?.isolation).toBe('READ-COMMITTED')
    }
    const [[mode]] = (await database.query(sql`SELECT @@sql_mode`)) as [[string]]
    expect(mode.split(',')).toContain('TRADITIONAL')
    const long = sql`INSERT INTO tokens (hash, expires_at, body) VALUES (${'x'.repeat(65)}, ${new Date()}, ${''})`
    await expect(database.execute(long)).rejects.toMatchObject({ code: 'BadRequest' })
    const collations = await database.query(sql`SELECT DISTINCT table_collation FROM information_schema.tables
      WHERE table_schema = DATABASE() AND table_name LIKE ${'image%'}`)
    expect(collations).toEqual([['utf8mb4_nopad_bin']])
  } finally {
    await database.close()
    await fresh.remove()
  }
})
