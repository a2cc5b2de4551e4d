import { cpuSecondsOf, peakRssBytesOf, resetPeakRss } from '../proc.ts'

export interface Usage {
  readonly pid: number
  /** User plus system time during the measurement, in seconds. */
  readonly cpuSeconds: number
  /** Highest resident memory during the measurement, in bytes. */
  readonly peakRssBytes: number
}

export interface UsageMeter {
  /** What each process has used since the start, in the order of the pids. To be called while they still run. */
  read(): Usage[]
}

/**
 * Starts measuring processes from /proc: their CPU time from here on, and their peak memory, which the kernel is asked
 * to count anew (where it refuses, as for other users' processes, the peak is that since the process started).
 */
export function measureUsage(pids: readonly number[]): UsageMeter {
  const start = pids.map(cpuSecondsOf)
  pids.forEach(resetPeakRss)
  return {
    read: () =>
      pids.map((pid, index) => ({
        pid,
        cpuSeconds: Math.max(0, cpuSecondsOf(pid) - (start[index] ?? 0)),
        peakRssBytes: peakRssBytesOf(pid),
      })),
  }
}
