import { ConfigError } from '@glance/shared/config/fault'
import { takeConfigArguments } from '@glance/shared/config/load'
import { Command, CommanderError } from 'commander'
import { configCommands } from './config.ts'
import { databaseCommands } from './database.ts'
import type { ManageScope } from './scope.ts'
import { userCommands } from './users.ts'

/** Older spellings that operators' scripts use: `db_sync`, `db sync`. */
function modernSpelling(words: readonly string[]): string[] {
  const [first = '', second = '', ...rest] = words
  if (first === 'db' && second !== '') return [`db-${second.replaceAll('_', '-')}`, ...rest]
  return [first.replaceAll('_', '-'), second, ...rest].filter((word, index) => index > 1 || word !== '')
}

/**
 * Runs `glance-manage`. Errors go to standard error as `ERROR: …`.
 * @returns the exit code: 0 done, 1 failed, 2 wrongly called, or what a check found (`db-check`: 4 when pending)
 */
export async function manage(argv: readonly string[]): Promise<number> {
  const { files, dirs, rest } = takeConfigArguments(argv)
  const scope: ManageScope = { files, dirs, print: (text) => process.stdout.write(`${text}\n`), exitCode: 0 }
  const program = new Command('glance-manage')
    .description('Looks after the database, the configuration and the users of the image service.')
    .option('--config-file <file>', 'configuration file; may be repeated, the last wins')
    .option('--config-dir <dir>', 'directory of *.conf files')
    .exitOverride()
  for (const add of [databaseCommands, configCommands, userCommands]) add(program, scope)
  try {
    await program.parseAsync(modernSpelling(rest), { from: 'user' })
    if (rest.length === 0) return 2
    return scope.exitCode
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2
    const message = thrown instanceof Error ? thrown.message : String(thrown)
    process.stderr.write(`${thrown instanceof ConfigError ? message : `ERROR: ${message}`}\n`)
    return 1
  }
}
