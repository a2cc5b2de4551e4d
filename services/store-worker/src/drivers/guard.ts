import { UUID_PATTERN } from '@glance/shared/contracts/image'
import { GlanceError } from '@glance/shared/errors/error'
import type { Log, LogFields } from '@glance/shared/log'
import type { ListedObject, Placed, PutOptions, StoreDriver } from './driver.ts'
import { openTurns, type Turns } from './turns.ts'
import { watch } from './watch.ts'

export interface GuardOptions {
  readonly storeId: string
  readonly log: Log
  /** Puts at the same time; more wait for their turn. */
  readonly putsAtOnce?: number
}

interface Guard {
  readonly driver: StoreDriver
  readonly storeId: string
  readonly log: Log
  readonly turns: Turns
}

interface Operation {
  readonly name: string
  readonly fields?: LogFields
  readonly signal?: AbortSignal
}

const PUTS_AT_ONCE = 16
const IMAGE_ID = new RegExp(UUID_PATTERN)
const ATTEMPT = /^[A-Za-z0-9_-]{1,64}$/

/**
 * Wraps a driver in what every store needs: image ids and attempts are checked (BadRequest), a store that takes no
 * data says so (StoreReadOnly), failures name the store, what is no GlanceError becomes StoreUnavailable with the
 * original as cause, each operation leaves a debug line with its time, and puts at once are bounded. An abort reaches
 * the driver's put through `bytes`, even when their source hangs.
 */
export function guardDriver(driver: StoreDriver, options: GuardOptions): StoreDriver {
  const { storeId, log, putsAtOnce = PUTS_AT_ONCE } = options
  const guard: Guard = { driver, storeId, log: log.child({ store: storeId }), turns: openTurns(putsAtOnce) }
  const guarded: StoreDriver = {
    can: driver.can,
    put: (imageId, bytes, about) =>
      run(guard, { name: 'put', fields: { image_id: imageId }, signal: about.signal }, () => {
        checkWritable(driver)
        checkKey(imageId, about.attempt)
        return put(guard, { imageId, bytes, about })
      }),
    get: (url, about) => run(guard, { name: 'get', signal: about.signal }, () => driver.get(url, about)),
    stat: (url) => run(guard, { name: 'stat' }, () => driver.stat(url)),
    delete: (url) =>
      run(guard, { name: 'delete' }, () => {
        checkWritable(driver)
        return driver.delete(url)
      }),
    find: (imageId) =>
      run(guard, { name: 'find', fields: { image_id: imageId } }, () => {
        checkImageId(imageId)
        return driver.find(imageId)
      }),
    discard: (imageId, attempt) =>
      run(guard, { name: 'discard', fields: { image_id: imageId } }, () => {
        checkKey(imageId, attempt)
        return driver.discard(imageId, attempt)
      }),
    close: () => run(guard, { name: 'close' }, () => driver.close()),
  }
  return driver.list === undefined ? guarded : { ...guarded, list: () => list(guard) }
}

async function put(
  { driver, turns }: Guard,
  { imageId, bytes, about }: { imageId: string; bytes: AsyncIterable<Uint8Array>; about: PutOptions },
): Promise<Placed> {
  const leave = await turns.take(about.signal)
  const watched = watch(bytes, about.signal)
  try {
    return await driver.put(imageId, watched.bytes, about)
  } catch (thrown) {
    // Whatever the driver, or a library below it, made of the source's failure.
    throw watched.failure === undefined
      ? thrown
      : new SourceFailure('the source failed', { cause: watched.failure.thrown })
  } finally {
    watched.close()
    leave()
  }
}

async function* list(guard: Guard): AsyncGenerator<ListedObject> {
  try {
    yield* guard.driver.list?.() ?? []
  } catch (thrown) {
    throw named(guard, thrown)
  }
}

/** Carries what the source threw past the naming of the store's own failures. */
class SourceFailure extends Error {}

async function run<T>(guard: Guard, operation: Operation, work: () => Promise<T>): Promise<T> {
  const began = performance.now()
  const tell = (outcome: string): void =>
    guard.log.debug(
      { operation: operation.name, ...operation.fields, outcome, ms: Math.round(performance.now() - began) },
      'store operation',
    )
  try {
    const result = await work()
    tell('ok')
    return result
  } catch (thrown) {
    if (operation.signal?.aborted) {
      tell('aborted')
      throw operation.signal.reason
    }
    if (thrown instanceof SourceFailure) {
      tell('source failed')
      throw thrown.cause
    }
    const error = named(guard, thrown)
    tell(error.code)
    throw error
  }
}

function named({ storeId }: Guard, thrown: unknown): GlanceError {
  if (thrown instanceof GlanceError)
    return new GlanceError(thrown.code, `Store ${storeId}: ${thrown.message}`, { cause: thrown })
  // What a foreign library says may hold addresses or credentials: it stays in the cause.
  return new GlanceError('StoreUnavailable', `Store ${storeId}: The store cannot be reached.`, { cause: thrown })
}

function checkWritable(driver: StoreDriver): void {
  if (!driver.can.has('write')) throw new GlanceError('StoreReadOnly')
}

function checkImageId(imageId: string): void {
  if (!IMAGE_ID.test(imageId)) throw new GlanceError('BadRequest', 'The image id must be a UUID.')
}

function checkKey(imageId: string, attempt: string): void {
  checkImageId(imageId)
  if (!ATTEMPT.test(attempt))
    throw new GlanceError('BadRequest', 'The attempt must be 1 to 64 letters, digits, "_" and "-".')
}
