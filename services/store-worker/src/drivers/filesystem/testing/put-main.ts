import { writeSync } from 'node:fs'
import { GlanceError } from '@glance/shared/errors/error'
import { silentLog } from '@glance/shared/log/silent'
import { guardDriver } from '../../guard.ts'
import { content, lent, MIB } from '../../testing/content.ts'
import { openFileStore } from './scratch.ts'

/** What the process is to put, one image after the other. */
export interface PutOrder {
  readonly dir: string
  readonly imageIds: readonly string[]
  readonly attempt: string
  /** Bytes of each image. */
  readonly size: number
  /** User to become before the store is used, once it is open. */
  readonly uid?: number
}

/** Puts images and tells, a line each: `bytes N` while it goes on, then `ok ID`, or `failed CODE`. */
export async function main({ dir, imageIds, attempt, size, uid }: PutOrder): Promise<void> {
  const driver = guardDriver(await openFileStore(dir), { storeId: 'child', log: silentLog })
  if (uid !== undefined) process.seteuid?.(uid)
  try {
    for (const [seed, imageId] of imageIds.entries()) {
      await driver.put(imageId, telling(size, seed), { attempt, signal: new AbortController().signal })
      writeSync(1, `ok ${imageId}\n`)
    }
  } catch (thrown) {
    writeSync(1, `failed ${thrown instanceof GlanceError ? thrown.code : thrown}\n`)
  }
}

async function* telling(size: number, seed: number): AsyncGenerator<Uint8Array> {
  let bytes = 0
  while (bytes < size) {
    for await (const chunk of lent(content(Math.min(MIB, size - bytes), seed))) {
      yield chunk
      bytes += chunk.length
      writeSync(1, `bytes ${bytes}\n`)
    }
  }
}
