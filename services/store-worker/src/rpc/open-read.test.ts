import { randomUUID } from 'node:crypto'
import { typedHandler } from '@glance/shared/bus/client'
import { serviceContext } from '@glance/shared/context'
import { storeRpc } from '@glance/shared/contracts/store-rpc'
import type { ByteAddress } from '@glance/shared/contracts/transfer'
import { describe, expect, it } from 'vitest'
import { openReads } from '../bytes/reads.ts'
import { openMemoryStore } from '../drivers/memory.ts'
import { storeHandlers } from './open-read.ts'

const { signal } = new AbortController()
const context = serviceContext('req-1')

describe('openRead', () => {
  it('tells the size and readies one read', async () => {
    const driver = openMemoryStore()
    const reads = openReads()
    const imageId = randomUUID()
    const { url } = await driver.put(imageId, [Buffer.from('image')] as never, { attempt: 'a', signal })
    const handle = typedHandler(storeRpc, storeHandlers({ driver, reads, address: () => 'http://worker:1' }))
    const answer = await handle({ method: 'openRead', context, input: { imageId, url } }, signal)
    const { source, size } = answer as { source: ByteAddress; size: number }
    expect({ size, address: source.address }).toEqual({ size: 5, address: 'http://worker:1' })
    const { bytes } = await reads.take(source.ticket, { signal })
    expect(String(Buffer.concat(await bytes.toArray()))).toBe('image')
  })

  it('tells that there is no such object', async () => {
    const handle = typedHandler(
      storeRpc,
      storeHandlers({ driver: openMemoryStore(), reads: openReads(), address: () => '' }),
    )
    const input = { imageId: 'i', url: `memory:///${randomUUID()}` }
    const asking = handle({ method: 'openRead', context, input }, signal)
    await expect(asking).rejects.toMatchObject({ code: 'StoreObjectNotFound' })
  })
})
