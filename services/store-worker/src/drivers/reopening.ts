import { GlanceError } from '@glance/shared/errors/error'
import type { Log } from '@glance/shared/log'
import { type Capability, StoreConfigError, type StoreDriver } from './driver.ts'

export interface ReopeningOptions {
  readonly storeId: string
  /** What the store will be able to do when it is open. */
  readonly can: ReadonlySet<Capability>
  readonly log: Log
  /** First pause after a failure, in ms; doubles up to `longestPauseMs`. */
  readonly firstPauseMs?: number
  readonly longestPauseMs?: number
}

/** A store that is opened as soon as its backend lets it. */
export interface Reopening {
  readonly driver: StoreDriver
  /** Resolves after the first attempt to open it, whatever came of it; rejects with StoreConfigError only. */
  readonly attempted: Promise<void>
  /** Why it is not open now; undefined when it is. */
  reason(): string | undefined
}

/**
 * Opens a store and, when that fails, tries again in the background with growing pauses. Until it is open every
 * method of `driver` throws StoreUnavailable with the reason. A StoreConfigError ends the attempts.
 * @param open opens the store; called again only after it has failed
 */
export function openReopening(open: () => Promise<StoreDriver>, options: ReopeningOptions): Reopening {
  const { storeId, can, log, firstPauseMs = 1_000, longestPauseMs = 60_000 } = options
  let opened: StoreDriver | undefined
  let cause: Error | undefined = new Error('it is being opened')
  let pauseMs = firstPauseMs
  let timer: NodeJS.Timeout | undefined
  let isClosed = false

  const attempt = async (): Promise<void> => {
    try {
      const driver = await open()
      if (isClosed) return await driver.close()
      if (pauseMs !== firstPauseMs) log.info({ store: storeId }, 'store is open')
      opened = driver
      cause = undefined
    } catch (err) {
      cause = err instanceof Error ? err : new Error(String(err))
      if (err instanceof StoreConfigError) throw err
      if (isClosed) return
      log.error({ err, store: storeId, retry_ms: pauseMs }, 'store cannot be opened; it is tried again')
      timer = setTimeout(again, pauseMs)
      pauseMs = Math.min(pauseMs * 2, longestPauseMs)
    }
  }
  const again = (): void => {
    attempt().catch((err: unknown) => log.error({ err, store: storeId }, 'store cannot be opened as configured'))
  }
  const use = (): StoreDriver => {
    if (opened !== undefined) return opened
    throw new GlanceError('StoreUnavailable', `Store ${storeId} is not open at the moment.`, { cause })
  }

  const attempted = attempt()
  attempted.catch(() => undefined)
  const driver: StoreDriver = {
    get can() {
      return opened?.can ?? can
    },
    put: async (imageId, bytes, about) => use().put(imageId, bytes, about),
    get: async (url, about) => use().get(url, about),
    stat: async (url) => use().stat(url),
    delete: async (url) => use().delete(url),
    find: async (imageId) => use().find(imageId),
    discard: async (imageId, attempt) => use().discard(imageId, attempt),
    list: () => use().list?.() ?? nothing(),
    async close() {
      isClosed = true
      clearTimeout(timer)
      const last = opened
      opened = undefined
      cause = new Error('it was closed')
      await last?.close()
    },
  }
  return { driver, attempted, reason: () => cause?.message }
}

async function* nothing(): AsyncGenerator<never> {
  // A driver that cannot list has nothing to tell.
}
