import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sqlBetween } from './engine.mjs'
import { bytewise, mysqlInDisguise, toMysql, variantOf } from './variant.mjs'

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
export const MIGRATIONS = join(ROOT, 'migrations')

/** The source of the schema as it is now. */
export function currentSource() {
  return readFileSync(join(ROOT, 'schema', 'source.prisma'), 'utf8')
}

/** Names of the committed migrations, oldest first; each folder keeps the source it led to. */
export function migrationNames() {
  return readdirSync(join(MIGRATIONS, 'sources'))
    .map((file) => file.replace(/\.prisma$/, ''))
    .sort()
}

/** The source of the schema as it stood after a migration. */
export function sourceAfter(name) {
  return readFileSync(join(MIGRATIONS, 'sources', `${name}.prisma`), 'utf8')
}

/**
 * The migration script of one database between two sources; an empty text when nothing changes.
 * @param {string} provider
 * @param {{from?: string, to: string}} sources
 */
export async function migrationScript(provider, { from, to }) {
  if (provider === 'mysql') return toMysql(await between({ from, to }, mysqlInDisguise))
  const script = await between({ from, to }, (source) => variantOf(source, provider))
  return provider === 'postgresql' ? bytewise(script) + supplement({ from, to }) : script
}

async function between({ from, to }, derive) {
  const script = await sqlBetween({ ...(from !== undefined && { from: derive(from) }), to: derive(to) })
  return script.includes('empty migration') ? '' : script
}

/**
 * What PostgreSQL needs beside the schema's words: lines `/// postgresql: <statement>` of the source that are new.
 * An index over a whole text of any length would refuse long ones.
 */
function supplement({ from, to }) {
  const known = new Set(from === undefined ? [] : supplements(from))
  return supplements(to)
    .filter((statement) => !known.has(statement))
    .map((statement) => `\n-- CreateIndex\n${statement};\n`)
    .join('')
}

function supplements(source) {
  return [...source.matchAll(/^\s*\/\/ postgresql: (.+)$/gm)].map((match) => match[1])
}
