import type { BoundChild } from '../child.ts'
import { lastLines } from '../log-tail.ts'
import { removeDir } from '../temp-dir.ts'
import { waitFor } from '../wait.ts'

/** A private server on 127.0.0.1 with data of its own. It dies with the test process. */
export interface RunningServer {
  readonly name: string
  readonly url: string
  readonly port: number
  /** Directory that holds all its data and logs. */
  readonly dir: string
  readonly logFile: string
  /** Pid of the server proper; another one after each start. */
  pid(): number
  isRunning(): boolean
  /** Sends a signal to the server proper: SIGSTOP makes it hang, SIGCONT lets it go on. */
  signal(name: NodeJS.Signals): void
  /** Ends it in an orderly way; data and port stay for `start`. */
  halt(): Promise<void>
  /** Ends it with SIGKILL, as a crash would; data and port stay for `start`. */
  kill(): Promise<void>
  /** Starts it again on the same port and data, and waits until it serves. Does nothing when it runs. */
  start(): Promise<void>
  /** `halt`, then `start`. */
  restart(): Promise<void>
  /** Ends it for good and removes its directory. */
  stop(): Promise<void>
}

/** A server of databases; `url` leads to its first one. */
export interface DatabaseServer extends RunningServer {
  /** Makes an empty database and returns its URL. Letters, digits and underscore only. */
  createDatabase(name: string): Promise<string>
}

/** What one kind of server needs to run under {@link runServer}. */
export interface ServerPlan {
  readonly name: string
  readonly url: string
  readonly port: number
  readonly dir: string
  readonly logFile: string
  launch(): Promise<BoundChild>
  /** Whether it serves; asked every 20 ms until true. */
  isReady(child: BoundChild): Promise<boolean>
  /** Signal of an orderly end, and of the quickest end that leaves nothing outside `dir`. */
  readonly haltSignal: NodeJS.Signals
  readonly stopSignal: NodeJS.Signals
  /** Runs each time the server has ended. */
  afterEnd?(): Promise<void>
  /** Runs once, before the directory goes. */
  beforeRemoval?(): Promise<void>
}

const READY_TIMEOUT_MS = 90_000
const HALT_TIMEOUT_MS = 30_000

/**
 * Starts a server by its plan and waits until it serves.
 * @throws Error with the end of its log; nothing is left behind then
 */
export async function runServer(plan: ServerPlan): Promise<RunningServer> {
  let child: BoundChild | undefined
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ending = child
    child = undefined
    // A server that a test has stopped with SIGSTOP heeds the signal below only once it goes on.
    ending?.signal('SIGCONT')
    await ending?.end(signal, HALT_TIMEOUT_MS)
    await plan.afterEnd?.()
  }
  const start = async (): Promise<void> => {
    if (child?.isRunning() === true) return
    child = await plan.launch()
    await untilServing(plan, child)
  }
  const stop = async (): Promise<void> => {
    await end(plan.stopSignal)
    await plan.beforeRemoval?.()
    removeDir(plan.dir)
  }
  try {
    await start()
  } catch (error) {
    await stop()
    throw error
  }
  return {
    name: plan.name,
    url: plan.url,
    port: plan.port,
    dir: plan.dir,
    logFile: plan.logFile,
    pid: () => {
      if (child === undefined) throw new Error(`${plan.name} is not running`)
      return child.pid
    },
    isRunning: () => child?.isRunning() === true,
    signal: (name) => {
      child?.signal(name)
    },
    halt: () => end(plan.haltSignal),
    kill: () => end('SIGKILL'),
    start,
    restart: async () => {
      await end(plan.haltSignal)
      await start()
    },
    stop,
  }
}

async function untilServing(plan: ServerPlan, child: BoundChild): Promise<void> {
  try {
    await waitFor(
      async () => {
        if (!child.isRunning()) throw new Error('ended before it served')
        return plan.isReady(child)
      },
      { what: 'does not serve', timeoutMs: READY_TIMEOUT_MS },
    )
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`${plan.name}: ${reason}\n${lastLines(plan.logFile)}`, { cause: error })
  }
}
