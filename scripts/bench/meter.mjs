// What processes use while something is measured, from /proc.
import { readFileSync } from 'node:fs'
import { cpuSecondsOf, peakRssBytesOf, resetPeakRss } from '../../test/dist/support/proc.js'
import { round } from './figures.mjs'

const TICKS_PER_SECOND = 100
const MEBIBYTE = 1 << 20

/**
 * Watches the processes of a deployment. Peaks are counted anew by each measurement; the highest of all is kept.
 * @param processes () => [{ name, pid }], asked each time: a restart brings other pids
 * @param backends likewise, for brokers and databases
 */
export function openMeter(processes, backends) {
  const highest = new Map()
  const note = () => {
    for (const { name, pid } of processes()) {
      highest.set(name, Math.max(highest.get(name) ?? 0, peakRssBytesOf(pid)))
    }
  }
  const sum = (list) => list.reduce((total, { pid }) => total + cpuSecondsOf(pid), 0)
  const read = () => ({
    at: performance.now(),
    ours: sum(processes()),
    backends: sum(backends()),
    bench: ownCpuSeconds(),
    machine: machineCpuSeconds(),
  })
  return {
    /** Highest memory since the first measurement, in MiB by process. */
    peaks: () => {
      note()
      return mebibytes(highest)
    },
    /** Runs `work` and tells what was used meanwhile: CPU seconds, memory peaks in MiB, cores taken by strangers. */
    measure: async (work) => {
      note()
      for (const { pid } of processes()) resetPeakRss(pid)
      const before = read()
      const result = await work()
      const after = read()
      const used = (key) => after[key] - before[key]
      const strangers =
        used('machine') - used('ours') - used('backends') - used('bench') - (result?.generatorCpuSeconds ?? 0)
      const peaks = new Map(processes().map(({ name, pid }) => [name, peakRssBytesOf(pid)]))
      note()
      return {
        result,
        usage: {
          cpuSeconds: used('ours'),
          backendCpuSeconds: used('backends'),
          // Where the service's own processes are not seen, they cannot be told from strangers.
          ...(processes().length > 0
            ? { strangerCores: round(Math.max(0, strangers / ((after.at - before.at) / 1000))) }
            : {}),
          peaks: mebibytes(peaks),
        },
      }
    },
  }
}

/** Cores that others took from the worst of these measurements, where that can be told. */
export function strangerCores(runs) {
  const cores = runs.map(({ usage }) => usage.strangerCores).filter((value) => value !== undefined)
  return cores.length === 0 ? {} : { stranger_cores: Math.max(...cores) }
}

function mebibytes(bytes) {
  return Object.fromEntries([...bytes].map(([name, value]) => [name, round(value / MEBIBYTE)]))
}

/** User and system time of this process and of its children that have ended. */
function ownCpuSeconds() {
  const line = readFileSync('/proc/self/stat', 'latin1')
  const fields = line
    .slice(line.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  return (fields[11] + fields[12] + fields[13] + fields[14]) / TICKS_PER_SECOND
}

/** Time that all processors were busy since boot: user, nice, system, irq, softirq, steal of proc(5). */
function machineCpuSeconds() {
  const fields = readFileSync('/proc/stat', 'latin1').split('\n')[0].split(/\s+/).slice(1).map(Number)
  const [user, nice, system, , , irq, softirq, steal] = fields
  return (user + nice + system + irq + softirq + steal) / TICKS_PER_SECOND
}
