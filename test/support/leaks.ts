import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { allPids, commandLineOf, descendantsOf, openTargetsOf, type ProcessStat, workingDirectoryOf } from './proc.ts'

/** What this process and its children hold at one moment. */
export interface Holdings {
  /** Children, children's children and so on that have not ended. */
  readonly processes: readonly ProcessStat[]
  /** TCP ports on which this process or one of those listens. */
  readonly ports: readonly number[]
}

/** Takes stock of child processes and listening ports, to compare with later. */
export function currentHoldings(): Holdings {
  const processes = descendantsOf(process.pid)
  const ports = listeningPortsOf([process.pid, ...processes.map((stat) => stat.pid)])
  return { processes, ports }
}

/** TCP ports, IPv4 and IPv6, on which any of these processes listens. */
export function listeningPortsOf(pids: readonly number[]): number[] {
  const sockets = new Set(pids.flatMap(openTargetsOf).filter((target) => target.startsWith('socket:[')))
  const ports = new Set<number>()
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    if (!existsSync(table)) continue
    for (const line of readFileSync(table, 'latin1').split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/)
      const [local, state, inode] = [fields[1], fields[3], fields[9]]
      // 0A is TCP_LISTEN.
      if (local === undefined || state !== '0A' || !sockets.has(`socket:[${inode}]`)) continue
      ports.add(Number.parseInt(local.slice(local.indexOf(':') + 1), 16))
    }
  }
  return [...ports].sort((a, b) => a - b)
}

/** Processes, whoever's child they are, that work in `dir`, hold a file below it open or name it as an argument. */
export function processesUsing(dir: string): { readonly pid: number; readonly command: string }[] {
  const root = resolve(dir)
  const isBelow = (path: string): boolean => path === root || path.startsWith(`${root}/`)
  return allPids()
    .filter((pid) => pid !== process.pid)
    .map((pid) => ({ pid, command: commandLineOf(pid) }))
    .filter(
      ({ pid, command }) =>
        isBelow(workingDirectoryOf(pid) ?? '') || openTargetsOf(pid).some(isBelow) || command.includes(root),
    )
}

/** Paths of everything below `dir` that is not a directory; empty when `dir` is absent. */
export function filesUnder(dir: string): string[] {
  if (!existsSync(dir)) return []
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .map((name) => join(dir, name))
    .filter((path) => !statSync(path, { throwIfNoEntry: false })?.isDirectory())
    .sort()
}

/**
 * Checks that no file is left below `dir`, no process uses it and, with `since`, that this process has no more
 * children and listens on no more ports than then. What is just about to end gets two seconds.
 * @throws Error that lists every leftover
 */
export async function assertNothingLeft(dir: string, since?: Holdings): Promise<void> {
  const deadline = performance.now() + 2000
  for (;;) {
    const left = leftovers(dir, since)
    if (left.length === 0) return
    if (performance.now() >= deadline) throw new Error(`left behind:\n  ${left.join('\n  ')}`)
    await sleep(50)
  }
}

function leftovers(dir: string, since: Holdings | undefined): string[] {
  const left = filesUnder(dir).map((path) => `file ${path}`)
  for (const { pid, command } of processesUsing(dir)) left.push(`process ${pid} uses ${dir}: ${command}`)
  if (since === undefined) return left
  const known = new Set(since.processes.map((stat) => `${stat.pid} ${stat.startTime}`))
  const now = currentHoldings()
  for (const stat of now.processes) {
    if (!known.has(`${stat.pid} ${stat.startTime}`)) left.push(`child process ${stat.pid}: ${commandLineOf(stat.pid)}`)
  }
  for (const port of now.ports) if (!since.ports.includes(port)) left.push(`listener on port ${port}`)
  return left
}
