import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'

const NO_FILTERS = { externalTables: [], externalEnums: [] }

/**
 * SQL that turns one schema into another. It runs Prisma's schema engine as WebAssembly from its npm package: no
 * database and no download. This build of the engine speaks SQLite and PostgreSQL.
 * @param {{from?: string, to: string}} schemas schema texts; `from` left out stands for an empty database
 * @returns {Promise<string>} a migration script
 */
export async function sqlBetween({ from, to }) {
  const engine = await openEngine(to)
  const container = (content) => ({ tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content }] })
  const { stdout } = await engine.diff({
    from: from === undefined ? { tag: 'empty' } : container(from),
    to: container(to),
    script: true,
    exitCode: null,
    shadowDatabaseUrl: null,
    filters: NO_FILTERS,
  })
  engine.free()
  return stdout
}

async function openEngine(schema) {
  const module = await loadEngine()
  const datamodels = [['schema.prisma', schema]]
  return module.SchemaEngine.new({ datamodels }, () => undefined, bindMigrationAwareSqlAdapterFactory(disconnected()))
}

let loaded

/** The package hides its glue code and expects a bundler to load the .wasm file: both are done by path here. */
async function loadEngine() {
  loaded ??= (async () => {
    const folder = dirname(createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm'))
    const glue = await import(pathToFileURL(join(folder, 'schema_engine_bg.js')).href)
    const binary = await readFile(join(folder, 'schema_engine_bg.wasm'))
    const { instance } = await WebAssembly.instantiate(binary, { './schema_engine_bg.js': glue })
    glue.__wbg_set_wasm(instance.exports)
    instance.exports.__wbindgen_start()
    return glue
  })()
  return loaded
}

/** An adapter for an engine that only compares texts: it connects at once, and nothing is ever asked of it. */
function disconnected() {
  const info = { provider: 'sqlite', adapterName: 'none' }
  const refuse = async () => {
    throw new Error('comparing schemas needs no database')
  }
  const connection = { ...info, queryRaw: refuse, executeRaw: refuse, executeScript: refuse, startTransaction: refuse }
  const connect = async () => ({ ...connection, dispose: async () => undefined })
  return { ...info, connect, connectToShadowDb: connect }
}
