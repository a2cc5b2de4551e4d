import { PassThrough, Readable } from 'node:stream'
import type { Io, Stdin } from '../io.ts'
import { run } from '../main.ts'
import { TOKEN } from './fake-answers.ts'
import type { FakeService } from './fake-service.ts'

export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stdoutBytes: Buffer
  readonly stderr: string
}

export interface RunOptions {
  readonly env?: Record<string, string>
  /** Bytes on standard input; a terminal when absent. */
  readonly input?: string | Buffer
  /** Whether standard output is a terminal. */
  readonly tty?: boolean
  readonly signal?: AbortSignal
  readonly askSecret?: (question: string) => Promise<string>
}

/** Runs the command within this process. */
export async function runCli(argv: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const stdout = new Sink(options.tty ?? false)
  const stderr = new Sink(false)
  const io: Io = {
    env: options.env ?? {},
    stdin: stdinOf(options.input),
    stdout,
    stderr,
    signal: options.signal ?? new AbortController().signal,
    askSecret: options.askSecret,
  }
  const code = await run(argv, io)
  return { code, stdout: stdout.text(), stdoutBytes: stdout.bytes(), stderr: stderr.text() }
}

function stdinOf(input: string | Buffer | undefined): Stdin {
  if (input === undefined) return { kind: 'terminal' }
  const bytes = Buffer.from(input)
  return { kind: 'data', size: bytes.length, stream: () => Readable.from([bytes], { objectMode: false }) }
}

class Sink extends PassThrough {
  readonly isTTY: boolean
  private readonly parts: Buffer[] = []

  constructor(isTTY: boolean) {
    super()
    this.isTTY = isTTY
    this.on('data', (part: Buffer) => this.parts.push(part))
  }

  bytes(): Buffer {
    return Buffer.concat(this.parts)
  }

  text(): string {
    return this.bytes().toString()
  }
}

/** Environment of a caller who holds a token and knows the endpoint. */
export function tokenEnv(service: FakeService): Record<string, string> {
  return { OS_IMAGE_URL: service.url, OS_AUTH_TOKEN: TOKEN }
}
