import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { findBinary } from './binaries.ts'
import { type BoundChild, cleanEnv, spawnBound } from './child.ts'
import { makeTempDir, removeDir } from './temp-dir.ts'

export interface ClientOptions {
  /** OS_* variables and whatever else the client reads; added to PATH, LANG and an empty HOME. */
  readonly env: Readonly<Record<string, string>>
  /**
   * Standard input: text, or the path of a file to read. An empty pipe when absent, which clients take for data. With
   * null it is closed, as in a job of cron: clients then know that there are none.
   */
  readonly input?: string | { readonly file: string } | null
  /** File that takes standard output as it comes; `stdout` is empty then. */
  readonly outputFile?: string
  readonly cwd?: string
  /** After this many milliseconds (120 s when absent) the client is killed and the call fails. */
  readonly timeoutMs?: number
}

export interface ClientResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Where the repository's own command line lies once it is built. */
const OWN_CLI = ['packages', 'cli', 'bin', 'glance.mjs']

/** Runs OpenStack's unified client, `openstack ARGS`. */
export function runOpenstack(args: readonly string[], options: ClientOptions): Promise<ClientResult> {
  return runClient(findBinary('openstack'), args, options)
}

/**
 * Runs python-glanceclient's `glance ARGS`, at the path its Debian package gives it: elsewhere on PATH `glance` may
 * be this project's own.
 */
export function runPythonGlance(args: readonly string[], options: ClientOptions): Promise<ClientResult> {
  return runClient('/usr/bin/glance', args, options)
}

/** Runs this project's own `glance ARGS`. */
export function runOwnGlance(args: readonly string[], options: ClientOptions): Promise<ClientResult> {
  return runClient(process.execPath, [ownCliPath(), ...args], options)
}

/**
 * Runs a program to its end with a HOME of its own, which is removed after.
 * @returns its exit code and what it printed; a code other than 0 is not an error here
 * @throws Error when it cannot be started, is killed by a signal or takes too long
 */
export async function runClient(
  command: string,
  args: readonly string[],
  options: ClientOptions,
): Promise<ClientResult> {
  const home = makeTempDir('client')
  try {
    const closing = ['-c', 'exec "$@" <&-', 'sh', command, ...args]
    const [program, words] = options.input === null ? ['/bin/sh', closing] : [command, args]
    const child = await spawnBound(program, words, {
      env: cleanEnv({ HOME: home, ...options.env }),
      cwd: options.cwd ?? home,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    return await finish(child, [command, ...args].join(' '), options)
  } finally {
    removeDir(home)
  }
}

async function finish(child: BoundChild, line: string, options: ClientOptions): Promise<ClientResult> {
  const timeoutMs = options.timeoutMs ?? 120_000
  const timer = setTimeout(() => child.signal('SIGKILL'), timeoutMs)
  try {
    const [stdout, stderr, , exit] = await Promise.all([
      options.outputFile === undefined ? collect(child.process.stdout) : store(child, options.outputFile),
      collect(child.process.stderr),
      feed(child, options.input),
      child.exited,
    ])
    if (exit.code === null) {
      throw new Error(`${line}: ended by ${exit.signal}, at most ${timeoutMs} ms were allowed\n${stderr}`)
    }
    return { code: exit.code, stdout, stderr }
  } finally {
    clearTimeout(timer)
  }
}

async function collect(stream: AsyncIterable<Buffer> | null): Promise<string> {
  const parts: Buffer[] = []
  for await (const chunk of stream ?? []) parts.push(chunk)
  return Buffer.concat(parts).toString('utf8')
}

async function store(child: BoundChild, path: string): Promise<string> {
  if (child.process.stdout !== null) await pipeline(child.process.stdout, createWriteStream(path))
  return ''
}

async function feed(child: BoundChild, input: ClientOptions['input']): Promise<void> {
  const { stdin } = child.process
  if (stdin === null) return
  try {
    if (typeof input === 'object' && input !== null) await pipeline(createReadStream(input.file), stdin)
    else await new Promise<void>((resolve, reject) => stdin.end(input ?? '', resolve).once('error', reject))
  } catch (error) {
    // A client may end without reading its input to the end: that shows in its exit code.
    if (!isBrokenPipe(error)) throw error
  }
}

function isBrokenPipe(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  return ['EPIPE', 'ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED'].includes(code)
}

/** The command line's path, looked for upwards from here: this file may lie in the sources or in `dist`. */
function ownCliPath(): string {
  for (const up of ['../../', '../../../']) {
    const path = fileURLToPath(new URL(up + OWN_CLI.join('/'), import.meta.url))
    if (existsSync(path)) return path
  }
  throw new Error(`${OWN_CLI.join('/')} is not there`)
}
