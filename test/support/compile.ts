import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

const SUPPORT = fileURLToPath(new URL('.', import.meta.url))
const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/**
 * Compiles a file of test/support, with what it imports, to JavaScript that plain Node runs: for tests that need a
 * second process of ours before anything is built.
 * @param source path below test/support, such as "load/http-load-main.ts"
 * @returns path of the compiled file in `outDir`
 */
export async function compileSupport(source: string, outDir: string): Promise<string> {
  const form = ['--module', 'nodenext', '--target', 'es2023', '--types', 'node', '--rewriteRelativeImportExtensions']
  const place = ['--ignoreConfig', '--outDir', outDir, '--rootDir', SUPPORT]
  await run(join(ROOT, 'node_modules/.bin/tsc'), [join(SUPPORT, source), ...form, ...place], { cwd: ROOT })
  writeFileSync(join(outDir, 'package.json'), '{"type":"module"}')
  return join(outDir, relative(SUPPORT, join(SUPPORT, source)).replace(/\.ts$/, '.js'))
}
