import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { findBinary } from './binaries.ts'

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface BoundChild {
  readonly pid: number
  readonly process: ChildProcess
  /** Resolves when the process has ended and is reaped. */
  readonly exited: Promise<Exit>
  isRunning(): boolean
  /** Sends a signal; false when the process has ended. Never reaches another process: an unreaped pid is not reused. */
  signal(name: NodeJS.Signals): boolean
  /** Sends `name`, waits up to `timeoutMs`, then sends SIGKILL and waits for the end. */
  end(name: NodeJS.Signals, timeoutMs: number): Promise<Exit>
}

export interface BoundOptions extends SpawnOptions {
  /** What the kernel sends to the child when this process dies, however it dies. KILL when absent. */
  readonly deathSignal?: 'KILL' | 'TERM' | 'QUIT'
}

/**
 * Starts a program that cannot outlive this process: `setpriv` asks the kernel (PR_SET_PDEATHSIG) to signal it at our
 * end, even at SIGKILL, then becomes the program, so `pid` is the program's own. The program runs in a session of its
 * own, out of reach of the terminal's Ctrl-C. Its environment is exactly `options.env`, or {@link cleanEnv}.
 * @throws Error when it cannot be started
 */
export async function spawnBound(command: string, args: readonly string[], options: BoundOptions): Promise<BoundChild> {
  const { deathSignal = 'KILL', ...rest } = options
  const child = spawn(findBinary('setpriv'), ['--pdeathsig', deathSignal, '--', command, ...args], {
    env: cleanEnv(),
    detached: true,
    ...rest,
  })
  if (child.pid === undefined) {
    const [error] = (await once(child, 'error')) as [Error]
    throw new Error(`cannot start ${command}: ${error.message}`, { cause: error })
  }
  // A late error event only tells of a signal that could not be sent; the callers see that from `signal`.
  child.on('error', () => undefined)
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
  })
  return { pid: child.pid, process: child, exited, ...control(child, exited) }
}

/** PATH, language and temporary directory of this process and nothing else, plus `extra`. */
export function cleanEnv(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const env: Record<string, string> = {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    LANG: 'C.UTF-8',
    LC_ALL: 'C.UTF-8',
  }
  const tmp = process.env.TMPDIR
  if (tmp !== undefined) env.TMPDIR = tmp
  return { ...env, ...extra }
}

function control(child: ChildProcess, exited: Promise<Exit>): Pick<BoundChild, 'isRunning' | 'signal' | 'end'> {
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null
  const signal = (name: NodeJS.Signals): boolean => isRunning() && child.kill(name)
  const end = async (name: NodeJS.Signals, timeoutMs: number): Promise<Exit> => {
    signal(name)
    const timer = setTimeout(() => signal('SIGKILL'), timeoutMs)
    try {
      return await exited
    } finally {
      clearTimeout(timer)
    }
  }
  return { isRunning, signal, end }
}
