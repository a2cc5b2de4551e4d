import type { Readable, Writable } from 'node:stream'
import type { Environment } from './options.ts'

/** Where image bytes may come from when no file is named. */
export type Stdin =
  /** Nothing to read: a terminal, a closed descriptor or the null device. */
  | { readonly kind: 'terminal' | 'none' }
  /** A pipe or a redirected file; `size` in bytes when it can be told. */
  | { readonly kind: 'data'; readonly stream: () => Readable; readonly size: number | undefined }

/** An output stream that may be a terminal. */
export type Output = Writable & { readonly isTTY?: boolean }

/** Everything a run of the command touches outside itself, so that tests can stand in for it. */
export interface Io {
  readonly env: Environment
  readonly stdin: Stdin
  readonly stdout: Output
  readonly stderr: Output
  /** Aborts when the user interrupts or the system asks the process to end. */
  readonly signal: AbortSignal
  /** Asks on the terminal without echo; undefined when nobody can be asked. */
  readonly askSecret: ((question: string) => Promise<string>) | undefined
}
