import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..')
const made: string[] = []

afterEach(() => {
  for (const dir of made.splice(0)) rmSync(dir, { recursive: true, force: true })
})

/** The schema and its tools in a place where they may be changed. */
function copyOfSchema(): string {
  const dir = mkdtempSync(join(tmpdir(), 'glance-schema-'))
  made.push(dir)
  for (const name of ['migrate.mjs', 'schema', 'migrations', 'package.json']) {
    cpSync(join(root, name), join(dir, name), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'))
  return dir
}

const migrate = (dir: string, ...args: string[]) => run(process.execPath, [join(dir, 'migrate.mjs'), ...args])

function edit(dir: string, file: string, change: (text: string) => string): void {
  const path = join(dir, file)
  writeFileSync(path, change(readFileSync(path, 'utf8')))
}

describe('committed migrations', () => {
  it('say what the schema says, for every database', async () => {
    await expect(migrate(root, 'check')).resolves.toMatchObject({ stderr: '' })
  })

  it.each(['sqlite', 'mysql', 'postgresql'])('of %s that were edited by hand are noticed', async (provider) => {
    const dir = copyOfSchema()
    edit(dir, `migrations/${provider}/0001_init/migration.sql`, (text) => text.replace('NOT NULL', ''))
    await expect(migrate(dir, 'check')).rejects.toMatchObject({
      stderr: `migrations/${provider}/0001_init: differs from the schema\n`,
    })
  })

  it('are missed when the schema went on without them, and made on demand', async () => {
    const dir = copyOfSchema()
    edit(dir, 'schema/source.prisma', (text) =>
      text.replace('  @@map("tokens")', '  note String? @db.MediumText\n\n  @@map("tokens")'),
    )
    await expect(migrate(dir, 'check')).rejects.toMatchObject({
      stderr: 'schema/source.prisma: no migration leads to it\n',
    })
    await migrate(dir, 'make', 'token_note')
    const script = (provider: string) =>
      readFileSync(join(dir, 'migrations', provider, '0002_token_note/migration.sql'), 'utf8')
    expect(script('sqlite')).toContain('ALTER TABLE "tokens" ADD COLUMN "note" TEXT;')
    expect(script('mysql')).toMatch(/ALTER TABLE `tokens` ADD COLUMN +`note` MEDIUMTEXT;/)
    expect(script('postgresql')).toMatch(/ALTER TABLE "tokens" ADD COLUMN +"note" TEXT COLLATE "C";/)
    await expect(migrate(dir, 'check')).resolves.toMatchObject({ stderr: '' })
  })
})

it('generating the clients again changes nothing', async () => {
  const stamp = join(root, 'src/generated/sqlite/client.ts')
  const before = readFileSync(stamp)
  await run(process.execPath, [join(root, 'generate.mjs')])
  expect(readFileSync(stamp).equals(before)).toBe(true)
})
