import { Command } from 'commander'
import { findSubcommand, normaliseArguments } from './argv.ts'
import { CommandError, UsageError } from './command-error.ts'
import { helpText, programHelp } from './help.ts'
import type { Io } from './io.ts'
import { declareGlobals } from './options.ts'
import type { Shell } from './verb.ts'
import { verbs } from './verbs.ts'
import { readVersion } from './version.ts'

/** Subcommands of the command itself, beside the verbs. */
const own: Readonly<Record<string, string>> = {
  'bash-completion': 'Print all subcommands and options, for completion in bash.',
  help: 'Show help for this command or one of its subcommands.',
}

/** The command without subcommands: global options, help and version. Errors are thrown, not printed. */
export function buildProgram(io: Io): Command {
  const program = new Command('glance')
    .description('Command-line client of the OpenStack Images API, version 2.')
    .version(readVersion(), '--version', 'Show the version and exit.')
    .helpOption('-h, --help', 'Show help and exit.')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ writeOut: (text) => void io.stdout.write(text), writeErr: () => undefined })
    .configureHelp({ formatHelp: (command) => (command.parent ? helpText(command) : fullHelp(command)) })
  program.action(() => program.outputHelp())
  declareGlobals(program, io.env)
  return program
}

/**
 * Finds the subcommand, loads it and runs it; without one, shows help.
 *
 * @throws UsageError or commander's own error for a wrong command line, and whatever the verb throws
 */
export async function execute(argv: readonly string[], program: Command, shell: Shell): Promise<void> {
  const at = findSubcommand(argv, program.options)
  if (at < 0) {
    await program.parseAsync(normaliseArguments(argv, [], program.options), { from: 'user' })
    return
  }
  const name = argv[at] ?? ''
  const subcommand = await addSubcommand(name, program, shell)
  const before = normaliseArguments(argv.slice(0, at), [], program.options)
  const after = normaliseArguments(argv.slice(at + 1), subcommand.options, program.options)
  await program.parseAsync([...before, subcommand.name(), ...after], { from: 'user' })
}

async function addSubcommand(name: string, program: Command, shell: Shell): Promise<Command> {
  if (name === 'help') return addHelp(program, shell)
  if (name === 'bash-completion' || name === 'bash_completion') return addCompletion(program, shell)
  if (Object.hasOwn(verbs, name)) return addVerb(name, program, shell)
  const choices = [...Object.keys(verbs), ...Object.keys(own)].map((choice) => `'${choice}'`).join(', ')
  throw new UsageError(`argument <subcommand>: invalid choice: '${name}' (choose from ${choices})`)
}

async function addVerb(name: string, program: Command, shell: Shell): Promise<Command> {
  const entry = Object.hasOwn(verbs, name) ? verbs[name] : undefined
  if (entry === undefined) throw new CommandError(`'${name}' is not a valid subcommand`)
  const verb = await entry.load()
  const command = program.command(name).description(entry.summary)
  verb(command, shell)
  return command
}

function addHelp(program: Command, shell: Shell): Command {
  return program
    .command('help')
    .description(own.help ?? '')
    .argument('[subcommand]', 'Subcommand to show help for.')
    .action(async (name: string | undefined) => {
      if (name === undefined) program.outputHelp()
      else if (Object.hasOwn(own, name)) (await addSubcommand(name, program, shell)).outputHelp()
      else (await addVerb(name, program, shell)).outputHelp()
    })
}

function addCompletion(program: Command, shell: Shell): Command {
  return program
    .command('bash-completion')
    .description(own['bash-completion'] ?? '')
    .action(async () => {
      const words = new Set([...Object.keys(verbs), 'help'])
      for (const name of Object.keys(verbs))
        for (const option of (await addVerb(name, program, shell)).options) if (option.long) words.add(option.long)
      shell.print(`${[...words].join(' ')}\n`)
    })
}

function fullHelp(program: Command): string {
  const summaries = Object.entries(verbs).map(([name, entry]) => [name, entry.summary] as const)
  return programHelp(program, [...summaries, ...Object.entries(own)])
}
