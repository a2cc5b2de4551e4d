// Installs, generates the database clients and compiles; does nothing when nothing changed since the last build.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { installDependencies, root, run, sourceState } from './install.mjs'

/** Builds what `npm start` and the tests run. */
export function build() {
  const stamp = join(root, '.build-stamp')
  installDependencies()
  const state = sourceState()
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === state) return
  run(process.execPath, ['prisma/generate.mjs'])
  run(join(root, 'node_modules', '.bin', 'tsc'), ['-b'])
  writeFileSync(stamp, state)
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) build()
