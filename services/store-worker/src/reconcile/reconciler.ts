import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '@glance/shared/log'
import type { StoreDriver } from '../drivers/driver.ts'
import type { ObjectRegistry } from './parts.ts'
import { reconcileStore } from './reconcile.ts'

export interface ReconcilerOptions {
  /** Stores by id. */
  readonly stores: ReadonlyMap<string, StoreDriver>
  readonly registry: ObjectRegistry
  /** Pause between two runs, in ms; each is made up to a tenth longer or shorter, so that workers spread. */
  readonly everyMs: number
  /** Age below which objects and residue are left alone, in ms; two lease periods at least. */
  readonly olderThanMs: number
  /** False only logs what would be removed; true by default. */
  readonly repair?: boolean
  readonly log: Log
}

export interface Reconciler {
  /** Ends the run that is under way, and waits for that. */
  stop(): Promise<void>
}

/** Longest pause after a round in which something could not be asked, as when a worker starts before a registry; ms. */
const RETRY_MS = 60_000

/**
 * Reconciles all stores, one after the other, at once and then at an interval. A store or registry that cannot be
 * asked is logged and has its turn again a minute later.
 */
export function startReconciler(options: ReconcilerOptions): Reconciler {
  const stopping = new AbortController()
  const { signal } = stopping
  const work = async (): Promise<void> => {
    for (;;) {
      const isWhole = await reconcileAll(options, signal)
      const pauseMs = isWhole ? options.everyMs : Math.min(options.everyMs, RETRY_MS)
      await sleep(pauseMs * (0.9 + Math.random() * 0.2), undefined, { signal })
    }
  }
  const running = work().catch((err: unknown) => {
    if (!signal.aborted) options.log.error({ err }, 'stores are no longer reconciled')
  })
  return {
    async stop() {
      stopping.abort(new Error('the worker stops'))
      await running
    },
  }
}

/** False when some store was not reconciled. */
async function reconcileAll(options: ReconcilerOptions, signal: AbortSignal): Promise<boolean> {
  const { stores, registry, olderThanMs, repair = true, log } = options
  let isWhole = true
  for (const [storeId, driver] of stores) {
    try {
      await reconcileStore({ storeId, driver, registry, olderThanMs, repair, log, signal })
    } catch (err) {
      signal.throwIfAborted()
      isWhole = false
      log.warn({ err, store: storeId }, 'store could not be reconciled; it is tried again')
    }
  }
  return isWhole
}
