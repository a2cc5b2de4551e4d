import { findBinary } from '../support/binaries.ts'
import { runClient } from '../support/clients.ts'

/**
 * Runs a program on a terminal, which script(1) makes for it.
 * @returns what it shows there, output and errors
 * @throws Error with that when its exit code is not 0
 */
export async function onTerminal(words: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
  const line = words.map((word) => `'${word}'`).join(' ')
  const options = ['--quiet', '--return', '--command', line, '/dev/null']
  const { code, stdout } = await runClient(findBinary('script'), options, { env })
  if (code !== 0) throw new Error(`${line}: exit code ${code}\n${stdout}`)
  return stdout
}
