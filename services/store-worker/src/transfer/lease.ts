import { setTimeout as pause } from 'node:timers/promises'
import type { CallOptions } from '@glance/shared/bus/types'
import { GlanceError, isCode, toGlanceError } from '@glance/shared/errors/error'
import type { Log } from '@glance/shared/log'

export interface LeaseOptions {
  /** Takes or renews it at the registry: `holdTransfer`. */
  hold(options: CallOptions): Promise<{ leaseSeconds: number }>
  readonly log: Log
  /** Aborts the work under the lease. */
  readonly signal: AbortSignal
}

/** The right to finish one transfer, kept up while it lasts. */
export interface Lease {
  /** Aborts with LeaseLost when the lease is over, or with the reason of the signal it was taken with. */
  readonly signal: AbortSignal
  /** Calls the registry, again and again with growing pauses while it is away and the lease may be alive. */
  insist<T>(call: () => Promise<T>): Promise<T>
  /** Ends the renewals. */
  end(): void
}

/** How long taking a lease waits for a registry. */
const TAKE_WITHIN_MS = 10_000
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 2_000

/**
 * Takes a lease and renews it every third of its length until `end`. A registry that is away meanwhile does no harm
 * before the lease is over. Throws LeaseLost when the transfer is over or another's, Unavailable when no registry
 * answers.
 */
export async function takeLease({ hold, log, signal }: LeaseOptions): Promise<Lease> {
  let aliveUntil = performance.now() + TAKE_WITHIN_MS
  let timer: NodeJS.Timeout | undefined
  let leaseMs = TAKE_WITHIN_MS
  const over = new AbortController()
  const insist = <T>(call: () => Promise<T>): Promise<T> => callUntil(call, () => aliveUntil)
  const take = async (): Promise<void> => {
    const asked = performance.now()
    const { leaseSeconds } = await hold({ timeoutMs: Math.max(leaseMs / 3, 1_000) })
    leaseMs = leaseSeconds * 1_000
    aliveUntil = asked + leaseMs
    renewIn(leaseMs / 3)
  }
  const renewIn = (ms: number): void => {
    if (!over.signal.aborted) timer = setTimeout(() => void renew(), ms)
  }
  const renew = async (): Promise<void> => {
    try {
      await take()
    } catch (thrown) {
      const error = toGlanceError(thrown)
      const isOver = !error.row.retryable || performance.now() >= aliveUntil
      log.warn({ err: error, isOver }, 'the lease of a transfer could not be renewed')
      if (isOver) over.abort(isCode(error, 'LeaseLost', 'Gone') ? error : new GlanceError('LeaseLost'))
      else renewIn(Math.min(leaseMs / 10, LONGEST_PAUSE_MS))
    }
  }
  await insist(take)
  const stop = (): void => over.abort(toGlanceError(signal.reason))
  signal.addEventListener('abort', stop)
  if (signal.aborted) stop()
  return {
    signal: over.signal,
    insist,
    end: () => {
      signal.removeEventListener('abort', stop)
      if (!over.signal.aborted) over.abort(new GlanceError('LeaseLost', 'the transfer is over'))
      clearTimeout(timer)
    },
  }
}

/** Calls until it succeeds, fails for another reason than absence, or `deadline` has passed. */
async function callUntil<T>(call: () => Promise<T>, deadline: () => number): Promise<T> {
  for (let wait = FIRST_PAUSE_MS; ; wait = Math.min(wait * 2, LONGEST_PAUSE_MS)) {
    try {
      return await call()
    } catch (thrown) {
      const isAway = isCode(thrown, 'Unavailable', 'DeadlineExceeded')
      if (!isAway || performance.now() + wait >= deadline()) throw thrown
      await pause(wait)
    }
  }
}
