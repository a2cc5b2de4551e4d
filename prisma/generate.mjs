// Writes src/generated/<provider>: the typed client of each database. Does nothing when nothing changed.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { PROVIDERS, variantOf } from './schema/variant.mjs'

const run = promisify(execFile)
const here = dirname(fileURLToPath(import.meta.url))
const generated = join(here, 'src', 'generated')
const prisma = createRequire(import.meta.url).resolve('prisma/package.json')

// The smaller of the two query compilers: half the memory, and what is hot does not pass through it.
const GENERATOR = `generator client {
  provider               = "prisma-client"
  output                 = "./client"
  runtime                = "nodejs"
  moduleFormat           = "esm"
  engineType             = "client"
  compilerBuild          = "small"
  generatedFileExtension = "ts"
  importFileExtension    = "ts"
}

`

/**
 * Makes the client of one database beside its place and moves it there whole. Downloads nothing: `prisma` would fetch
 * its schema engine at its first call, but to generate it only wants to see some executable file in its place.
 */
async function generate(provider, source) {
  const place = mkdtempSync(join(generated, `.${provider}-`))
  const schema = join(place, 'schema.prisma')
  writeFileSync(schema, GENERATOR + variantOf(source, provider))
  const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, PRISMA_HIDE_UPDATE_MESSAGE: '1' }
  const cli = join(dirname(prisma), 'build', 'index.js')
  const args = [cli, 'generate', '--schema', schema, '--no-hints']
  await run(process.execPath, args, { cwd: here, env: { ...env, CHECKPOINT_DISABLE: '1' } })
  rmSync(join(generated, provider), { recursive: true, force: true })
  renameSync(join(place, 'client'), join(generated, provider))
  rmSync(place, { recursive: true })
}

const source = readFileSync(join(here, 'schema', 'source.prisma'), 'utf8')
const { version } = JSON.parse(readFileSync(prisma, 'utf8'))
const state = createHash('sha256').update([version, GENERATOR, source].join('\n')).digest('hex')
const stamp = join(generated, 'stamp')
const isCurrent = existsSync(stamp) && readFileSync(stamp, 'utf8') === state
if (!isCurrent || !PROVIDERS.every((provider) => existsSync(join(generated, provider)))) {
  mkdirSync(generated, { recursive: true })
  await Promise.all(PROVIDERS.map((provider) => generate(provider, source)))
  writeFileSync(stamp, state)
}
