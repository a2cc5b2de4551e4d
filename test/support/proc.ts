import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'

/** Linux counts process times in ticks of USER_HZ, which is 100 on every architecture Node runs on. */
const TICKS_PER_SECOND = 100

export interface ProcessStat {
  readonly pid: number
  readonly parent: number
  /** One letter of proc(5): R, S, D, Z (ended, not yet reaped) ... */
  readonly state: string
  /** Ticks since boot. Pid and start time together name one process for ever, so a reused pid is never taken for it. */
  readonly startTime: number
  /** User plus system time of all its threads, in seconds. */
  readonly cpuSeconds: number
}

/** Reads /proc/PID/stat; undefined when no such process exists. */
export function processStat(pid: number): ProcessStat | undefined {
  const line = readProc(`/proc/${pid}/stat`)
  if (line === undefined) return undefined
  // The command name stands in parentheses and may itself hold spaces and parentheses.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
  const number = (index: number): number => Number(fields[index])
  return {
    pid,
    parent: number(1),
    state: fields[0] ?? '?',
    startTime: number(19),
    cpuSeconds: (number(11) + number(12)) / TICKS_PER_SECOND,
  }
}

/** Whether the process that had this pid and start time still runs; a zombie does not. */
export function isAlive(identity: { readonly pid: number; readonly startTime: number }): boolean {
  const stat = processStat(identity.pid)
  return stat !== undefined && stat.startTime === identity.startTime && stat.state !== 'Z'
}

/** User plus system seconds the process has used so far; 0 when it is gone. */
export function cpuSecondsOf(pid: number): number {
  return processStat(pid)?.cpuSeconds ?? 0
}

/** Resident memory in bytes now; 0 when the process is gone. */
export function rssBytesOf(pid: number): number {
  return memoryLine(pid, 'VmRSS')
}

/** Highest resident memory in bytes since start or since {@link resetPeakRss}; 0 when the process is gone. */
export function peakRssBytesOf(pid: number): number {
  return memoryLine(pid, 'VmHWM')
}

/** Makes the kernel count the peak anew from now on. False when not permitted (another user's process) or gone. */
export function resetPeakRss(pid: number): boolean {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5')
    return true
  } catch {
    return false
  }
}

/** Pids of every process now. */
export function allPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}

/** All processes below `root`, children's children included, that have not ended. */
export function descendantsOf(root: number): ProcessStat[] {
  const living = allPids()
    .map(processStat)
    .filter((stat) => stat !== undefined && stat.state !== 'Z') as ProcessStat[]
  const found: ProcessStat[] = []
  const within = new Set([root])
  for (let before = -1; before !== found.length; ) {
    before = found.length
    for (const stat of living) {
      if (within.has(stat.pid) || !within.has(stat.parent)) continue
      within.add(stat.pid)
      found.push(stat)
    }
  }
  return found
}

/** Command line with spaces between the arguments; empty for a process that is gone. */
export function commandLineOf(pid: number): string {
  return (readProc(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ').trim()
}

/** What each open descriptor of the process leads to, such as "/tmp/a" or "socket:[123]"; empty when not readable. */
export function openTargetsOf(pid: number): string[] {
  let names: string[]
  try {
    names = readdirSync(`/proc/${pid}/fd`)
  } catch {
    return []
  }
  return names.map((name) => linkTarget(`/proc/${pid}/fd/${name}`)).filter((target) => target !== undefined) as string[]
}

/** Working directory of the process; undefined when not readable. */
export function workingDirectoryOf(pid: number): string | undefined {
  return linkTarget(`/proc/${pid}/cwd`)
}

function memoryLine(pid: number, name: string): number {
  const status = readProc(`/proc/${pid}/status`)
  const match = status === undefined ? null : new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)
  return match === null ? 0 : Number(match[1]) * 1024
}

function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return undefined
  }
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}
