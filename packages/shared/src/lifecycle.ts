import type { Log } from './log.ts'

/** One part of a service that has a life. */
export interface PartSpec<T> {
  /**
   * Brings the part up; what it returns is handed to `stop` and `health`.
   * @param signal aborted when the process is asked to stop in the meantime
   */
  start(signal: AbortSignal): T | Promise<T>
  stop?(part: T): unknown
  /** Milliseconds `stop` may take before the next part is stopped all the same; 10 s by default. */
  readonly stopWithin?: number
  /** Resolves to a remark or to nothing while the part works; throws, with the reason as message, when it does not. */
  health?(part: T): unknown
}

export interface PartHealth {
  readonly name: string
  readonly ok: boolean
  readonly detail?: string
}

/** The parts of a process, in the order they were started. */
export interface Lifecycle {
  /**
   * Starts the next part, which may rely on every part before it.
   * @throws what the part's `start` throws; LifecycleStopped when the process is already on its way down
   */
  start<T>(name: string, spec: PartSpec<T>): Promise<T>
  /**
   * Stops all parts, the last one started first, each within its deadline. Never throws; a second call gets the
   * result of the first.
   * @returns names of the parts that failed to stop or did not stop in time
   */
  stop(): Promise<readonly string[]>
  /** Whether each part works, in the order they were started. A part without a check of its own works. */
  health(): Promise<readonly PartHealth[]>
}

/** Thrown by `start` when the process was asked to stop in the meantime. */
export class LifecycleStopped extends Error {
  constructor(name: string) {
    super(`${name} was not started: the process is stopping`)
    this.name = 'LifecycleStopped'
  }
}

interface RunningPart {
  readonly name: string
  readonly stopWithin: number
  stop(): Promise<unknown>
  health(): Promise<unknown>
}

const STOP_WITHIN = 10_000
const HEALTH_WITHIN = 2_000

async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${milliseconds} ms`)), milliseconds)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

async function healthOf(part: RunningPart): Promise<PartHealth> {
  try {
    const detail = await within(HEALTH_WITHIN, part.health())
    return { name: part.name, ok: true, ...(typeof detail === 'string' ? { detail } : {}) }
  } catch (error) {
    return { name: part.name, ok: false, detail: messageOf(error) }
  }
}

/** Makes an empty list of parts. */
export function buildLifecycle(log: Log): Lifecycle {
  const parts: RunningPart[] = []
  const down = new AbortController()
  let stopping: Promise<readonly string[]> | undefined

  const stopPart = async (part: RunningPart): Promise<boolean> => {
    const began = performance.now()
    try {
      await within(part.stopWithin, part.stop())
      log.debug({ part: part.name, ms: Math.round(performance.now() - began) }, 'part stopped')
      return true
    } catch (err) {
      log.error({ err, part: part.name }, 'part did not stop cleanly')
      return false
    }
  }

  const stopAll = async (): Promise<readonly string[]> => {
    const failed: string[] = []
    for (const part of parts.toReversed()) {
      if (!(await stopPart(part))) failed.push(part.name)
    }
    return failed
  }

  return {
    async start<T>(name: string, spec: PartSpec<T>): Promise<T> {
      if (stopping) throw new LifecycleStopped(name)
      const value = await spec.start(down.signal)
      const part: RunningPart = {
        name,
        stopWithin: spec.stopWithin ?? STOP_WITHIN,
        stop: async () => spec.stop?.(value),
        health: async () => spec.health?.(value),
      }
      // The way down began while this part came up, and does not know of it.
      if (stopping) {
        await stopPart(part)
        throw new LifecycleStopped(name)
      }
      parts.push(part)
      log.debug({ part: name }, 'part started')
      return value
    },
    stop() {
      down.abort(new LifecycleStopped('a part'))
      stopping ??= stopAll()
      return stopping
    },
    health: () => Promise.all(parts.map(healthOf)),
  }
}

/** The signals of a process; `process` itself, save in tests. */
export interface SignalSource {
  on(signal: 'SIGTERM' | 'SIGINT' | 'SIGHUP', listener: () => void): unknown
  off(signal: 'SIGTERM' | 'SIGINT' | 'SIGHUP', listener: () => void): unknown
}

export interface RunOptions {
  readonly log: Log
  /** Called on SIGHUP; log files are opened anew here. */
  readonly onHangup?: () => void
  /** Ends the process at once, on the second signal. */
  readonly exit?: (code: number) => void
  readonly signals?: SignalSource
}

/**
 * Starts a service and keeps it until SIGTERM or SIGINT, then stops it in order. A second signal ends the process at
 * once.
 * @param compose starts the parts, one after the other
 * @returns the exit code: 0, or 1 when a part did not stop cleanly
 * @throws what `compose` throws, after everything it started has been stopped
 */
export async function runUntilSignal(
  compose: (life: Lifecycle) => Promise<void>,
  options: RunOptions,
): Promise<number> {
  const { log, onHangup, exit = process.exit, signals = process } = options
  const life = buildLifecycle(log)
  let asked = 0
  let ask = (): void => undefined
  const signalled = new Promise<void>((resolve) => {
    ask = resolve
  })
  const onSignal = (): void => {
    asked += 1
    if (asked === 1) log.info('stopping')
    else exit(1)
    ask()
  }
  const reload = (): void => onHangup?.()
  signals.on('SIGTERM', onSignal)
  signals.on('SIGINT', onSignal)
  signals.on('SIGHUP', reload)
  try {
    const composed = compose(life)
    // A signal may come while parts are still starting: the next start throws, and compose with it.
    await Promise.race([composed, signalled])
    await signalled
    const failed = await life.stop()
    await within(STOP_WITHIN, composed.catch(ignoreStopped))
    return failed.length === 0 ? 0 : 1
  } catch (error) {
    await life.stop()
    throw error
  } finally {
    signals.off('SIGTERM', onSignal)
    signals.off('SIGINT', onSignal)
    signals.off('SIGHUP', reload)
  }
}

function ignoreStopped(error: unknown): void {
  if (!(error instanceof LifecycleStopped)) throw error
}
