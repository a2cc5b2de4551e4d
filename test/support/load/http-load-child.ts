import { existsSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { cleanEnv, spawnBound } from '../child.ts'
import { cpuSecondsOf } from '../proc.ts'
import type { HttpLoadOptions, HttpLoadResult } from './http-load.ts'

export interface ChildLoadResult extends HttpLoadResult {
  /** What the load generator itself used of the machine, start included, in seconds. */
  readonly generatorCpuSeconds: number
}

/**
 * {@link HttpLoadResult} of a load that a process of its own makes, so that it takes no time from this one's event
 * loop and is seen apart in /proc.
 * @param main compiled http-load-main; the built one when absent
 * @throws Error when it is not built, or with what the load generator printed
 */
export async function runHttpLoadChild(options: HttpLoadOptions, main = builtMain()): Promise<ChildLoadResult> {
  const child = await spawnBound(process.execPath, [main], { env: cleanEnv(), stdio: ['pipe', 'pipe', 'pipe'] })
  const { stdin, stdout, stderr } = child.process
  if (stdin === null || stdout === null || stderr === null) throw new Error('the load generator has no pipes')
  stdin.end(JSON.stringify(options))
  let generatorCpuSeconds = 0
  const timer = setInterval(() => {
    generatorCpuSeconds = Math.max(generatorCpuSeconds, cpuSecondsOf(child.pid))
  }, 100)
  try {
    const [answer, printed, exit] = await Promise.all([text(stdout), text(stderr), child.exited])
    if (exit.code !== 0) throw new Error(`the load generator ended with ${exit.code ?? exit.signal}: ${printed}`)
    return { ...(JSON.parse(answer) as HttpLoadResult), generatorCpuSeconds }
  } finally {
    clearInterval(timer)
  }
}

/** This file may run from the sources or from `dist`; Node itself only runs the latter. */
function builtMain(): string {
  for (const place of ['./http-load-main.js', '../../dist/support/load/http-load-main.js']) {
    const path = fileURLToPath(new URL(place, import.meta.url))
    if (existsSync(path)) return path
  }
  throw new Error('the load generator is not built; run: npm run build')
}
