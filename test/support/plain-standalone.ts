import { join } from 'node:path'
import { startProcess } from './process.ts'
import { ROOT } from './service-process.ts'

/** What scripts/start.mjs does after building. */
export const START_STANDALONE = [
  '--input-type=module',
  '--eval',
  `const { main } = await import('${join(ROOT, 'packages/standalone/dist/main.js')}'); await main(process.argv.slice(1))`,
  '--',
]

/** A server of one process with nothing prepared for it. */
export interface StandaloneProcess {
  readonly url: string
  output(): string
  /** SIGTERM; the exit code, null when it had to be killed. */
  stop(): Promise<number | null>
  kill(): Promise<void>
}

/**
 * Starts the one process as a user does for the first time; ready once it has said how to log in.
 * @throws Error with what it printed when it ends before
 */
export async function startPlainStandalone(place: { dataDir: string; port: number }): Promise<StandaloneProcess> {
  const url = `http://127.0.0.1:${place.port}`
  const args = [...START_STANDALONE, '--port', String(place.port), '--data-dir', place.dataDir]
  const ready = (line: string): boolean => /source .*openrc/.test(line)
  const started = await startProcess({ name: 'standalone', command: process.execPath, args, ready })
  return {
    url,
    output: started.output,
    stop: async () => (await started.stop(20_000)).code,
    kill: () => started.kill(),
  }
}
