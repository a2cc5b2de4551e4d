import { describe, expect, it } from 'vitest'
import { readMigrations, splitScript } from './migrations.ts'

describe('splitScript', () => {
  it('cuts at semicolons that end a line, and leaves comments out', () => {
    const script = '-- CreateTable\nCREATE TABLE a (\n  b TEXT\n);\n\n-- CreateIndex\nCREATE INDEX c ON a(b);\n'
    expect(splitScript(script)).toEqual(['CREATE TABLE a (\n  b TEXT\n)', 'CREATE INDEX c ON a(b)'])
  })

  it('leaves a semicolon within a line to its statement', () => {
    expect(splitScript("INSERT INTO a VALUES ('x;y');")).toEqual(["INSERT INTO a VALUES ('x;y')"])
  })
})

describe('readMigrations', () => {
  it.each(['sqlite', 'mysql', 'postgresql'] as const)('finds those of %s in order, with checksums', (provider) => {
    const migrations = readMigrations(provider)
    expect(migrations[0]?.name).toBe('0001_init')
    expect(migrations.map(({ name }) => name)).toEqual(migrations.map(({ name }) => name).toSorted())
    for (const { checksum, statements } of migrations) {
      expect(checksum).toMatch(/^[0-9a-f]{64}$/)
      expect(statements.length).toBeGreaterThan(0)
    }
  })
})
