import { GlanceError } from '@glance/shared/errors/error'
import type { Database, Tx } from '../db/client.ts'

/**
 * Runs a transaction that tells, by false, that what it wanted to change is not as it was read.
 * @returns what the work returned; when that is false nothing of it is kept
 */
export async function allOrNothing<T>(database: Database, work: (tx: Tx) => Promise<T | false>): Promise<T | false> {
  const undone = new GlanceError('Conflict')
  try {
    return await database.transaction(async (tx) => {
      const result = await work(tx)
      if (result === false) throw undone
      return result
    })
  } catch (thrown) {
    if (thrown === undone) return false
    throw thrown
  }
}
