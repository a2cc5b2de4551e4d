import { takeConfigArguments } from '@glance/shared/config/load'
import { readArguments, USAGE } from './arguments.ts'
import { runStandalone } from './standalone.ts'

/**
 * Runs the whole service in this process until SIGTERM or SIGINT; sets the exit code.
 * @param argv the command line after `npm start --`
 */
export async function main(argv: readonly string[]): Promise<void> {
  try {
    const { files, dirs, rest } = takeConfigArguments(argv)
    const given = readArguments(rest)
    if (given.help) process.stdout.write(USAGE)
    else process.exitCode = await runStandalone({ ...given, configFiles: files, configDirs: dirs })
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
}
