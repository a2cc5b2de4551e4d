import { constants } from 'node:os'
import { type Command, CommanderError } from 'commander'
import { Interrupted, ReportedFailure, UsageError } from './command-error.ts'
import { usageText } from './help.ts'
import { reason } from './http.ts'
import type { Io } from './io.ts'
import type { GlobalOptions } from './options.ts'
import { buildProgram, execute } from './program.ts'
import { openShell } from './shell.ts'
import { processIo } from './terminal.ts'

const EXIT_FAILURE = 1
const EXIT_USAGE = 2
const EXIT_SIGNAL_BASE = 128
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Runs the command with the process's own arguments and streams, and ends the process. */
export async function main(): Promise<void> {
  const stop = new AbortController()
  for (const signal of STOP_SIGNALS)
    process.on(signal, () => {
      // A second signal means that the orderly way takes too long for the user.
      if (stop.signal.aborted) process.exit(EXIT_SIGNAL_BASE + constants.signals[signal])
      stop.abort(signal)
    })
  // The reader of our output has gone: nobody is left to tell.
  process.stdout.on('error', () => process.exit(EXIT_FAILURE))
  const code = await run(process.argv.slice(2), processIo(stop.signal))
  // Input that was not read to its end would keep the process waiting.
  process.stdout.write('', () => process.exit(code))
}

/**
 * Runs the command.
 *
 * @returns its exit code: 0, 1 for any failure, 2 for wrong usage, 128 and the number of the signal when stopped by one
 */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const program = buildProgram(io)
  const shell = openShell(io, () => program.opts<GlobalOptions>())
  try {
    await execute(argv, program, shell)
    return 0
  } catch (error) {
    return report(error, program, io)
  } finally {
    await shell.close()
  }
}

/** Tells the user why the command failed and names the exit code. */
function report(error: unknown, program: Command, io: Io): number {
  if (io.signal.aborted || error instanceof Interrupted) {
    io.stderr.write('... terminating glance client\n')
    const signal = STOP_SIGNALS.find((name) => name === io.signal.reason) ?? 'SIGINT'
    return EXIT_SIGNAL_BASE + constants.signals[signal]
  }
  if (error instanceof CommanderError && error.exitCode === 0) return 0
  if (error instanceof UsageError || error instanceof CommanderError) {
    // The subcommand, if the line got as far as naming one.
    const command = program.commands.at(-1) ?? program
    const name = command === program ? program.name() : `${program.name()} ${command.name()}`
    io.stderr.write(`${usageText(command)}${name}: error: ${error.message.replace(/^error: /, '')}\n`)
    return EXIT_USAGE
  }
  if (error instanceof ReportedFailure) return EXIT_FAILURE
  if (program.opts<GlobalOptions>().debug && error instanceof Error && error.stack) io.stderr.write(`${error.stack}\n`)
  else io.stderr.write(`${reason(error)}\n`)
  return EXIT_FAILURE
}
