import { execFile } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { PROVIDERS, variantOf } from './schema/variant.mjs'

const run = promisify(execFile)
const here = dirname(fileURLToPath(import.meta.url))

/**
 * Writes src/generated/<provider>: the schema variant and its typed client. Downloads nothing: the schema engine that
 * `prisma` would fetch at its first call is not needed to generate, any executable file in its place will do.
 */
async function generate(provider, source) {
  const output = join(here, 'src', 'generated', provider)
  const schema = join(here, 'src', 'generated', `${provider}.prisma`)
  const generator = `generator client {
  provider            = "prisma-client"
  output              = "./${provider}"
  runtime             = "nodejs"
  moduleFormat        = "esm"
  engineType          = "client"
  compilerBuild       = "small"
  generatedFileExtension = "ts"
  importFileExtension = "ts"
}

`
  await rm(output, { recursive: true, force: true })
  await writeFile(schema, generator + variantOf(source, provider))
  const cli = join(dirname(createRequire(import.meta.url).resolve('prisma/package.json')), 'build', 'index.js')
  const env = {
    ...process.env,
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
    CHECKPOINT_DISABLE: '1',
  }
  await run(process.execPath, [cli, 'generate', '--schema', schema, '--no-hints'], { cwd: here, env })
}

const source = await readFile(join(here, 'schema', 'source.prisma'), 'utf8')
await mkdir(join(here, 'src', 'generated'), { recursive: true })
await Promise.all(PROVIDERS.map((provider) => generate(provider, source)))
