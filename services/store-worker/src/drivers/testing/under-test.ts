import type { Capability, StoreDriver } from '../driver.ts'

/** What cases a store is to pass. */
export interface Traits {
  readonly can: readonly Capability[]
  /** Its streams are LendingReadable. */
  readonly lends?: boolean
  /** Its objects are files of this machine. */
  readonly localFiles?: boolean
  /** `plantResidue` is there. */
  readonly plantsResidue?: boolean
  /** `breakPut` is there. */
  readonly breaksPut?: boolean
}

/** One store under test, empty. */
export interface DriverUnderTest {
  readonly driver: StoreDriver
  /** Names of everything in the backend that is not a visible object: must be empty after every case. */
  residue(): Promise<readonly string[]>
  /** Leaves what an attempt that was killed would leave. */
  plantResidue?(imageId: string, attempt: string): Promise<void>
  /** Makes an object in a store that takes no data, and tells its URL. */
  plant?(bytes: Uint8Array): Promise<string>
  /** Fails the next write in the backend. */
  breakPut?(): Promise<void>
  /** Removes the store with all it holds. */
  cleanup(): Promise<void>
}
