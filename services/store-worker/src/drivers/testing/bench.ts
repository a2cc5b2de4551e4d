import { randomUUID } from 'node:crypto'
import { GlanceError } from '@glance/shared/errors/error'
import type { ErrorCode } from '@glance/shared/errors/table'
import { expect } from 'vitest'
import type { Capability, ListedObject, Placed, PutOptions } from '../driver.ts'
import { content, lent } from './content.ts'
import type { DriverUnderTest } from './under-test.ts'

/** What the cases work with. */
export interface Bench {
  readonly underTest: DriverUnderTest
  can(capability: Capability): boolean
  /** Puts bytes under a new image id, or a given one. */
  put(bytes: AsyncIterable<Uint8Array>, options?: Partial<PutOptions> & { imageId?: string }): Promise<Placed>
  /** A new object, by whichever way the store has. */
  object(bytes: Uint8Array): Promise<string>
  /** URL of an object that is no more. */
  goneUrl(): Promise<string>
  list(): Promise<ListedObject[]>
  /** Removes what `put` made. */
  removeObjects(): Promise<void>
}

export const live = (): AbortSignal => new AbortController().signal

/** Makes the bench of one store. */
export function newBench(underTest: DriverUnderTest): Bench {
  const { driver } = underTest
  const urls = new Set<string>()
  const put: Bench['put'] = async (bytes, { imageId = randomUUID(), attempt = randomUUID(), ...rest } = {}) => {
    const placed = await driver.put(imageId, bytes, { attempt, signal: live(), ...rest })
    urls.add(placed.url)
    return placed
  }
  const can = (capability: Capability): boolean => driver.can.has(capability)
  return {
    underTest,
    can,
    put,
    async object(bytes) {
      if (can('write')) return (await put(lent(bytes))).url
      if (underTest.plant === undefined) throw new Error('a store that takes no data must be able to plant')
      return underTest.plant(bytes)
    },
    async goneUrl() {
      const { url } = await put(lent(content(10)))
      await driver.delete(url)
      urls.delete(url)
      return url
    },
    async list() {
      const listed: ListedObject[] = []
      for await (const object of driver.list?.() ?? []) listed.push(object)
      return listed
    },
    async removeObjects() {
      for (const url of urls) {
        await driver.delete(url).catch((thrown: unknown) => {
          if (codeOf(thrown) !== 'StoreObjectNotFound') throw thrown
        })
      }
      urls.clear()
    },
  }
}

function codeOf(thrown: unknown): ErrorCode | undefined {
  return thrown instanceof GlanceError ? thrown.code : undefined
}

/** Expects a GlanceError of that code. */
export async function expectCode(work: Promise<unknown>, code: ErrorCode): Promise<void> {
  const thrown: unknown = await work.then(
    () => undefined,
    (failure: unknown) => failure,
  )
  expect(codeOf(thrown) ?? thrown, `expected ${code}`).toBe(code)
}
