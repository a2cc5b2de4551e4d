import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { currentSource, MIGRATIONS, migrationNames, migrationScript, sourceAfter } from './schema/migrations.mjs'
import { PROVIDERS } from './schema/variant.mjs'

const USAGE = `usage: node prisma/migrate.mjs make <name>   write the next migration of every database
       node prisma/migrate.mjs check         fail when a committed migration does not say what the schema says`

/** Writes migrations/<provider>/<number>_<name>/migration.sql for every database. Review it before committing. */
async function make(name) {
  if (!/^[a-z][a-z0-9_]*$/.test(name ?? '')) throw new Error('name: small letters, digits and underscores')
  const names = migrationNames()
  const last = names.at(-1)
  const from = last === undefined ? undefined : sourceAfter(last)
  const to = currentSource()
  const folder = `${String(names.length + 1).padStart(4, '0')}_${name}`
  for (const provider of PROVIDERS) {
    const script = await migrationScript(provider, { from, to })
    mkdirSync(join(MIGRATIONS, provider, folder), { recursive: true })
    writeFileSync(join(MIGRATIONS, provider, folder, 'migration.sql'), script)
  }
  writeFileSync(join(MIGRATIONS, 'sources', `${folder}.prisma`), to)
  console.log(`made ${folder}`)
}

/** Derives every committed migration anew and compares. */
async function check() {
  const names = migrationNames()
  const faults =
    names.at(-1) && sourceAfter(names.at(-1)) === currentSource()
      ? []
      : ['schema/source.prisma: no migration leads to it']
  for (const [index, name] of names.entries()) {
    const previous = names[index - 1]
    const from = previous === undefined ? undefined : sourceAfter(previous)
    for (const provider of PROVIDERS) {
      const expected = await migrationScript(provider, { from, to: sourceAfter(name) })
      const committed = readFileSync(join(MIGRATIONS, provider, name, 'migration.sql'), 'utf8')
      if (committed !== expected) faults.push(`migrations/${provider}/${name}: differs from the schema`)
    }
  }
  for (const fault of faults) console.error(fault)
  process.exitCode = faults.length === 0 ? 0 : 1
}

const [verb, name] = process.argv.slice(2)
if (verb === 'make') await make(name)
else if (verb === 'check') await check()
else {
  console.error(USAGE)
  process.exitCode = 2
}
