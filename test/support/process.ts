import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type BoundChild, cleanEnv, type Exit, spawnBound } from './child.ts'
import { followLines, lastLines } from './log-tail.ts'
import { cpuSecondsOf, peakRssBytesOf, rssBytesOf } from './proc.ts'
import { makeTempDir, removeDir } from './temp-dir.ts'
import { waitFor } from './wait.ts'

export interface StartOptions {
  /** Word for messages and for the log's name. */
  readonly name: string
  readonly command: string
  readonly args?: readonly string[]
  /** Added to PATH, LANG and TMPDIR; nothing else of the test's own environment is passed on. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Standard output and error, appended. In a temporary directory that `stop` removes when absent. */
  readonly logFile?: string
  /** When the process counts as started: a line of its output, or an URL that answers with a status below 500. */
  readonly ready?: ((line: string) => boolean) | string
  /** Longest wait for `ready`; 30 s when absent. */
  readonly readyTimeoutMs?: number
}

export interface StartedProcess {
  readonly name: string
  readonly pid: number
  readonly logFile: string
  readonly exited: Promise<Exit>
  isRunning(): boolean
  /** All it has printed so far. */
  output(): string
  /** SIGTERM, wait up to `timeoutMs` (15 s when absent), then SIGKILL. A second call gives the same answer. */
  stop(timeoutMs?: number): Promise<Exit>
  /** Sends a signal; with SIGKILL (the default) waits for the end. */
  kill(signal?: NodeJS.Signals): Promise<void>
  /** Resident memory now, in bytes. */
  rssBytes(): number
  /** Highest resident memory so far, in bytes. */
  peakRssBytes(): number
  /** User plus system time so far, in seconds. */
  cpuSeconds(): number
}

/**
 * Starts one of our executables and waits until it is ready. Its output goes straight to a file, so a busy server
 * costs the test process nothing. It dies with the test process.
 * @throws Error with the end of its output when it ends or stays silent before it is ready; it is stopped then
 */
export async function startProcess(options: StartOptions): Promise<StartedProcess> {
  const ownDir = options.logFile === undefined ? makeTempDir(options.name) : undefined
  const logFile = options.logFile ?? join(ownDir ?? '', 'output.log')
  mkdirSync(dirname(logFile), { recursive: true })
  const log = openSync(logFile, 'a')
  const follow = followLines(logFile)
  follow()
  let child: BoundChild
  try {
    child = await spawnBound(options.command, options.args ?? [], {
      env: cleanEnv(options.env),
      stdio: ['ignore', log, log],
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    })
  } finally {
    closeSync(log)
  }
  const started = describe(child, { name: options.name, logFile, ownDir })
  try {
    await untilReady(options, child, follow)
  } catch (error) {
    const printed = lastLines(logFile)
    await started.stop(2000)
    throw new Error(`${options.name}: ${error instanceof Error ? error.message : error}\n${printed}`, { cause: error })
  }
  return started
}

interface Place {
  readonly name: string
  readonly logFile: string
  readonly ownDir: string | undefined
}

function describe(child: BoundChild, place: Place): StartedProcess {
  let lastOutput: string | undefined
  return {
    name: place.name,
    pid: child.pid,
    logFile: place.logFile,
    exited: child.exited,
    isRunning: child.isRunning,
    output: () => lastOutput ?? readFileSync(place.logFile, 'utf8'),
    stop: async (timeoutMs = 15_000) => {
      const exit = await child.end('SIGTERM', timeoutMs)
      if (place.ownDir !== undefined && lastOutput === undefined) {
        lastOutput = readFileSync(place.logFile, 'utf8')
        removeDir(place.ownDir)
      }
      return exit
    },
    kill: async (signal = 'SIGKILL') => {
      child.signal(signal)
      if (signal === 'SIGKILL') await child.exited
    },
    rssBytes: () => rssBytesOf(child.pid),
    peakRssBytes: () => peakRssBytesOf(child.pid),
    cpuSeconds: () => cpuSecondsOf(child.pid),
  }
}

async function untilReady(options: StartOptions, child: BoundChild, follow: () => string[]): Promise<void> {
  const { ready } = options
  if (ready === undefined) return
  const check = typeof ready === 'string' ? () => answers(ready) : () => follow().some(ready)
  await waitFor(
    async () => {
      // Asked before the check: what a process printed before it ended still counts.
      const running = child.isRunning()
      if (await check()) return true
      if (!running) throw new Error('ended before it was ready')
      return false
    },
    { what: 'not ready', timeoutMs: options.readyTimeoutMs ?? 30_000 },
  )
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) })
    await response.body?.cancel()
    return response.status < 500
  } catch {
    return false
  }
}
