import type { Command } from 'commander'
import type { Io } from './io.ts'
import type { GlobalOptions } from './options.ts'
import type { ImageService } from './service.ts'

/** What a verb works with. */
export interface Shell {
  readonly io: Io
  /** Global options as given; known once the command line is parsed, that is, within the action. */
  globals(): GlobalOptions
  /** The image service, authenticated at the first call. */
  connect(): Promise<ImageService>
  /** Writes text to stdout. */
  print(text: string): void
  /** Writes a line to stderr. */
  complain(line: string): void
}

/** Declares operands and options of one subcommand and what it does with them. */
export type Verb = (command: Command, shell: Shell) => void
