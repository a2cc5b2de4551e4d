import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import type { JobScope } from '@glance/shared/bus/run-job'
import { serviceContext } from '@glance/shared/context'
import type { UploadOutcome, UploadSource } from '@glance/shared/contracts/bytes'
import { GlanceError } from '@glance/shared/errors/error'
import { silentLog } from '@glance/shared/log/silent'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { StoreDriver } from '../drivers/driver.ts'
import { openMemoryStore } from '../drivers/memory.ts'
import { digestOf } from '../testing/digests.ts'
import { type FakeRegistry, openFakeRegistry } from '../testing/fake-registry.ts'
import { openBlockPool } from '../transfer/blocks.ts'
import { type DigestPool, openDigestPool } from '../transfer/digest.ts'
import { workerJobs } from './index.ts'

const { signal } = new AbortController()
const scope: JobScope = {
  jobId: 'job-1',
  context: serviceContext('req-1'),
  log: silentLog,
  attempt: 1,
  isLast: true,
  signal,
}

let registry: FakeRegistry
let store: StoreDriver
let digests: DigestPool
let outcomes: UploadOutcome[]
let open: UploadSource['open']

beforeEach(() => {
  registry = openFakeRegistry()
  store = openMemoryStore()
  outcomes = []
  open = async () => ({
    bytes: Readable.from([Buffer.from('image')]),
    signal,
    report: async (outcome) => void outcomes.push(outcome),
  })
})
afterEach(() => digests.close())

function jobs() {
  const blocks = openBlockPool()
  digests = openDigestPool({ threads: 2, blocks })
  const inspection = { requireMatch: true, vmdkAllowedTypes: [], gptSafetyChecksNonfatal: [] }
  return workerJobs({
    stores: new Map([['main', store]]),
    registry,
    uploads: { open: (at, ended) => open(at, ended) },
    transfers: { registry, blocks, digests, hashAlgo: 'sha256', inspection, holder: 'worker-1' },
  })
}

const upload = (more: object = {}) => ({
  transferId: 'transfer-1',
  imageId: randomUUID(),
  store: 'main',
  source: { address: 'http://api', ticket: 't' },
  sizeLimit: 1000,
  diskFormat: 'raw',
  containerFormat: 'bare',
  ...more,
})

describe('the upload job', () => {
  it('stores, commits and reports', async () => {
    await jobs().upload(upload({ size: 5 }), scope)
    expect(outcomes).toEqual([{ ok: true }])
    expect(registry.completed).toMatchObject({ size: 5, hashValue: digestOf('sha256', Buffer.from('image')) })
  })

  it('reports a failure, which is the end of the job', async () => {
    await jobs().upload(upload({ sizeLimit: 3 }), scope)
    expect(outcomes).toMatchObject([{ ok: false, error: { code: 'TooLarge' } }])
    expect(registry.failed).toHaveLength(1)
  })

  it.each(['LeaseLost'] as const)('has nothing to do when holding the transfer ends with %s', async (code) => {
    registry.failNext('holdTransfer', code)
    await jobs().upload(upload(), scope)
    expect(registry.calls).toEqual(['holdTransfer'])
    expect(outcomes).toEqual([])
  })

  it('returns the image when the offer is gone', async () => {
    open = () => Promise.reject(new GlanceError('TicketRefused'))
    await jobs().upload(upload(), scope)
    expect(registry.failed).toHaveLength(1)
  })

  it('fails when the api cannot be reached, or the store is not ours', async () => {
    open = () => Promise.reject(new GlanceError('StoreUnavailable'))
    await expect(jobs().upload(upload(), scope)).rejects.toMatchObject({ code: 'StoreUnavailable' })
    expect(registry.failed).toHaveLength(1)
    await digests.close()
    await expect(jobs().upload(upload({ store: 'other' }), scope)).rejects.toMatchObject({ code: 'Unavailable' })
  })
})

describe('the delete job', () => {
  const put = async () => (await store.put(randomUUID(), [Buffer.from('x')] as never, { attempt: 'a', signal })).url

  it('removes an object, and may do so twice', async () => {
    const url = await put()
    const { delete: remove } = jobs()
    for (let turn = 0; turn < 2; turn++) await remove({ imageId: 'i', store: 'main', url }, scope)
    await expect(store.stat(url)).rejects.toMatchObject({ code: 'StoreObjectNotFound' })
  })

  it('leaves an object alone that is known', async () => {
    const url = await put()
    registry.known.add(url)
    await jobs().delete({ imageId: 'i', store: 'main', url }, scope)
    expect(await store.stat(url)).toEqual({ size: 1 })
  })

  it('removes nothing while the registry cannot be asked', async () => {
    const url = await put()
    registry.failNext('knowsObject', 'Unavailable')
    await expect(jobs().delete({ imageId: 'i', store: 'main', url }, scope)).rejects.toMatchObject({
      code: 'Unavailable',
    })
    expect(await store.stat(url)).toEqual({ size: 1 })
  })

  it('is tried again when the store is away', async () => {
    const url = await put()
    store = { ...store, delete: () => Promise.reject(new GlanceError('StoreUnavailable')) }
    const removing = jobs().delete({ imageId: 'i', store: 'main', url }, scope)
    await expect(removing).rejects.toMatchObject({ code: 'StoreUnavailable' })
  })
})

describe('the discard job', () => {
  it('removes the residue of its transfer', async () => {
    const discarded: string[][] = []
    store = { ...store, discard: async (...which) => void discarded.push(which), find: async () => [] }
    await jobs().discard({ imageId: 'i', store: 'main', transferId: 'transfer-1' }, scope)
    expect(discarded).toEqual([['i', 'transfer-1']])
  })

  it('removes the object of a worker that died before it committed, and none that is known', async () => {
    const [lost, kept] = [randomUUID(), randomUUID()]
    const put = async (imageId: string) =>
      (await store.put(imageId, [Buffer.from('x')] as never, { attempt: 'a', signal })).url
    const [lostUrl, keptUrl] = [await put(lost), await put(kept)]
    registry.known.add(keptUrl)
    for (const imageId of [lost, kept]) await jobs().discard({ imageId, store: 'main', transferId: 'a' }, scope)
    await expect(store.stat(lostUrl)).rejects.toMatchObject({ code: 'StoreObjectNotFound' })
    expect(await store.stat(keptUrl)).toEqual({ size: 1 })
  })
})
