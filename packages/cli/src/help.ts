import type { Argument, Command, Option } from 'commander'
import { wrapText } from './text.ts'

const WIDTH = 79
const INDENT = 2
const DESCRIPTION_COLUMN = 24

/** One line of a help section: what is typed, and what it means. */
export type Entry = readonly [term: string, meaning: string]

/** The `usage:` lines of a command, wrapped and indented below its name. */
export function usageText(command: Command): string {
  const options = visibleOptions(command).map((option) =>
    option.mandatory ? flagTerm(option) : `[${flagTerm(option)}]`,
  )
  const operands = command.parent ? command.registeredArguments.map(operandTerm) : ['<subcommand> ...']
  const lead = `usage: ${fullName(command)}`
  const indent = ' '.repeat(lead.length + 1)
  const lines = ['']
  for (const part of [...options, ...operands]) {
    const line = lines.at(-1) ?? ''
    if (line && indent.length + line.length + part.length + 1 > WIDTH) lines.push(part)
    else lines[lines.length - 1] = line ? `${line} ${part}` : part
  }
  return `${`${lead} ${lines.join(`\n${indent}`)}`.trimEnd()}\n`
}

/** Help of one command: usage, what it does, its operands and options. */
export function helpText(command: Command): string {
  return [
    usageText(command),
    `${command.description()}\n`,
    section(
      'Positional arguments',
      command.registeredArguments.map((argument) => [operandName(argument), argument.description]),
    ),
    section('Options', optionEntries(command)),
  ]
    .filter(Boolean)
    .join('\n')
}

/** Help of the whole command: global options, the given subcommands and where to read on. */
export function programHelp(program: Command, subcommands: readonly Entry[]): string {
  return [
    usageText(program),
    `${program.description()}\n`,
    section('Subcommands', subcommands),
    section('Options', [...optionEntries(program), ['-h, --help', 'Show help and exit.']]),
    'See "glance help SUBCOMMAND" for the options of a subcommand.\n',
  ].join('\n')
}

/** A titled list of entries; empty when there is none. */
function section(title: string, entries: readonly Entry[]): string {
  if (entries.length === 0) return ''
  return `${title}:\n${entries.map(entryText).join('')}`
}

function visibleOptions(command: Command): readonly Option[] {
  return command.options.filter((option) => !option.hidden)
}

function optionEntries(command: Command): Entry[] {
  return visibleOptions(command).map((option) => [option.flags, option.description])
}

function entryText([term, meaning]: Entry): string {
  const head = `${' '.repeat(INDENT)}${term}`
  const lines = wrapText(meaning, WIDTH - DESCRIPTION_COLUMN)
  const gap = '\n'.padEnd(DESCRIPTION_COLUMN + 1)
  const start = head.length + 2 <= DESCRIPTION_COLUMN ? head.padEnd(DESCRIPTION_COLUMN) : `${head}${gap}`
  return `${start}${lines.join(gap)}\n`
}

function fullName(command: Command): string {
  return command.parent ? `${fullName(command.parent)} ${command.name()}` : command.name()
}

/** The shortest flag together with its value, as it stands in a usage line. */
function flagTerm(option: Option): string {
  const value =
    option.flags.includes(' <') || option.flags.includes(' [') ? option.flags.replace(/^.*? (?=[<[])/, ' ') : ''
  return `${option.short ?? option.long}${value}`
}

function operandName(argument: Argument): string {
  return `<${argument.name()}>`
}

function operandTerm(argument: Argument): string {
  const name = operandName(argument)
  const term = argument.variadic ? `${name} [${name} ...]` : name
  return argument.required ? term : `[${term}]`
}
