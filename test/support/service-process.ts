import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findBinary } from './binaries.ts'
import { lastLines } from './log-tail.ts'
import { type StartedProcess, startProcess } from './process.ts'
import { waitFor } from './wait.ts'

/** Root of the checkout, whether this file runs from the sources or from `dist`. */
export const ROOT = ['../../', '../../../']
  .map((up) => fileURLToPath(new URL(up, import.meta.url)))
  .find((dir) => existsSync(join(dir, 'pnpm-workspace.yaml'))) as string

export type Role = 'standalone' | 'api' | 'registry' | 'worker'

/** A memory file system that a process sees and nobody else does; it is gone with the process. */
export interface PrivateMount {
  /** Existing directory it hides. */
  readonly dir: string
  readonly megabytes: number
  readonly readOnly?: boolean
}

export interface ServicePlan {
  readonly role: Role
  /** Role and number: name of its log and word in messages. */
  readonly name: string
  /** What Node is given. */
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly logFile: string
  readonly mounts?: readonly PrivateMount[]
  /** Whether it serves; asked until true. Started counts as serving when absent. */
  readonly isReady?: (process: ServiceProcess) => Promise<boolean>
}

/** One process of a deployment, which can be killed and started again with the same ports and data. */
export interface ServiceProcess {
  readonly role: Role
  readonly name: string
  readonly logFile: string
  pid(): number
  isRunning(): boolean
  /** Starts it when it does not run, and waits until it serves. */
  start(): Promise<void>
  /** SIGKILL; returns when it is gone. */
  kill(): Promise<void>
  /** SIGTERM, and SIGKILL after 20 s; returns the exit code, null when it had to be killed or did not run. */
  stop(): Promise<number | null>
  signal(name: NodeJS.Signals): Promise<void>
  /** All it has printed, over all its lives. */
  output(): string
  /** Path under which this process's own view of `path` is seen from outside: shows its private mounts. */
  viewOf(path: string): string
}

/** Describes a service process; nothing runs before `start`. */
export function serviceProcess(plan: ServicePlan): ServiceProcess {
  let running: StartedProcess | undefined
  const isRunning = (): boolean => running?.isRunning() === true
  const pid = (): number => {
    if (running === undefined) throw new Error(`${plan.name} was never started`)
    return running.pid
  }
  const self: ServiceProcess = {
    role: plan.role,
    name: plan.name,
    logFile: plan.logFile,
    pid,
    isRunning,
    start: async () => {
      if (isRunning()) return
      running = await startProcess({ name: plan.name, ...commandOf(plan), env: plan.env, logFile: plan.logFile })
      await untilReady(plan, self)
    },
    kill: async () => running?.kill(),
    stop: async () => {
      if (running === undefined || !running.isRunning()) return null
      return (await running.stop(20_000)).code
    },
    signal: async (name) => running?.kill(name),
    output: () => running?.output() ?? '',
    viewOf: (path) => `/proc/${pid()}/root${path}`,
  }
  return self
}

async function untilReady(plan: ServicePlan, self: ServiceProcess): Promise<void> {
  const { isReady } = plan
  if (isReady === undefined) return
  await waitFor(
    async () => {
      if (!self.isRunning()) throw new Error(`${plan.name} ended\n${lastLines(plan.logFile)}`)
      return isReady(self)
    },
    { what: `${plan.name} does not serve\n${lastLines(plan.logFile)}`, timeoutMs: 60_000, everyMs: 50 },
  )
}

function commandOf(plan: ServicePlan): { command: string; args: string[] } {
  const node = [process.execPath, ...plan.args]
  const { mounts = [] } = plan
  if (mounts.length === 0) return { command: process.execPath, args: [...plan.args] }
  // In a mount namespace of its own; who is not root gets one by way of a user namespace.
  const namespace = process.getuid?.() === 0 ? ['--mount'] : ['--user', '--map-root-user', '--mount']
  const commands = mounts.map(
    ({ dir, megabytes, readOnly }) =>
      `mount -t tmpfs -o mode=0755,size=${megabytes}m${readOnly === true ? ',ro' : ''} tmpfs '${dir}'`,
  )
  const shell = [...commands, 'exec "$@"'].join(' && ')
  return { command: findBinary('unshare'), args: [...namespace, '--', '/bin/sh', '-c', shell, 'sh', ...node] }
}
