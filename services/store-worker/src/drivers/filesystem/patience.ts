import { GlanceError } from '@glance/shared/errors/error'

export interface PatienceOptions {
  /** Longest wait for one operation, its turn included, in ms; 0 is unlimited, and then nothing is bounded. */
  readonly timeoutMs: number
  /** Operations at the same time. */
  readonly atOnce: number
  /** Use in percent from which on the operator is told. */
  readonly warnAt: number
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
}

/** Runs an operation that may hang, as on a network file system that is away. */
export type Patience = <T>(work: () => Promise<T>) => Promise<T>

/**
 * Bounds how long callers wait and how many operations hang at once. An operation that is given up still has its
 * place until the kernel lets go of it.
 * The result throws StoreUnavailable when the time is over, else what the operation throws.
 */
export function openPatience({ timeoutMs, atOnce, warnAt, warn }: PatienceOptions): Patience {
  if (timeoutMs === 0) return (work) => work()
  const waiting: (() => void)[] = []
  let running = 0
  let isTold = false

  const begin = (): void => {
    running += 1
    const use = Math.round((running / atOnce) * 100)
    if (use < warnAt) isTold = false
    else if (!isTold) {
      isTold = true
      warn(
        { running, at_once: atOnce },
        `${use} % of the file operations of this store that may run at once are running`,
      )
    }
  }
  const end = (): void => {
    running -= 1
    waiting.shift()?.()
  }
  const run = async <T>(work: () => Promise<T>, isLate: () => boolean): Promise<T> => {
    while (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve))
    if (isLate()) {
      waiting.shift()?.()
      throw late(timeoutMs)
    }
    begin()
    try {
      return await work()
    } finally {
      end()
    }
  }

  return (work) =>
    new Promise((resolve, reject) => {
      let isOver = false
      const timer = setTimeout(() => {
        isOver = true
        reject(late(timeoutMs))
      }, timeoutMs)
      run(work, () => isOver)
        .then(resolve, reject)
        .finally(() => clearTimeout(timer))
    })
}

function late(timeoutMs: number): GlanceError {
  return new GlanceError('StoreUnavailable', `The file system did not answer within ${timeoutMs / 1000} s.`)
}
