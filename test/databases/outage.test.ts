import { setTimeout as pause } from 'node:timers/promises'
import { buildRegistry } from '@glance/registry/app'
import { openPolicy } from '@glance/registry/policy/enforce'
import { openMemoryBus } from '@glance/shared/bus/memory'
import { type CallContext, serviceContext } from '@glance/shared/context'
import type { Image } from '@glance/shared/contracts/image'
import { isCode } from '@glance/shared/errors/error'
import { silentLog } from '@glance/shared/log/silent'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { descendantsOf, processStat } from '../support/proc.ts'
import { startMariadb } from '../support/servers/mariadb.ts'
import { startPostgres } from '../support/servers/postgres.ts'
import type { DatabaseServer } from '../support/servers/server.ts'
import { waitFor } from '../support/wait.ts'
import { member } from './callers.ts'
import { createOn, type FreshDatabase, open } from './databases.ts'
import { listQuery } from './list-model.ts'
import { openRecordingQueue, type RecordingQueue } from './recording-queue.ts'
import { openRegistry, SETTINGS, type TestRegistry } from './registry.ts'
import { seed, seedActive, seedImage } from './seed.ts'
import { setExpiry } from './table-rows.ts'

const service = serviceContext('req-worker')
/** Longest time until a caller learns that the database is away, and until a registry has found it again. */
const PATIENCE_MS = 12_000

describe.each([
  { name: 'MariaDB', startServer: startMariadb },
  { name: 'PostgreSQL', startServer: startPostgres },
])('when $name is away', ({ startServer }) => {
  let server: DatabaseServer
  let fresh: FreshDatabase
  let registry: TestRegistry
  let jobQueue: RecordingQueue
  beforeAll(async () => {
    server = await startServer()
    fresh = await createOn(server.url)
    jobQueue = openRecordingQueue()
    const settings = { relayIntervalMs: 200, sweepIntervalMs: 200 }
    registry = await openRegistry(fresh, { jobQueue, settings })
  })
  afterAll(async () => {
    await registry?.close()
    await server?.stop()
  })

  const create = (caller: CallContext, name: string) =>
    registry.rpc.createImage(caller, { draft: { name, tags: ['t'], properties: { called: name } } })
  const listed = async (caller: CallContext) => (await registry.rpc.listImages(caller, { query: listQuery() })).images
  const patch = (caller: CallContext, imageId: string, value: string) =>
    registry.rpc.patchImage(caller, {
      imageId,
      dialect: 'v2.1',
      operations: [{ op: 'replace', path: ['name'], value }],
    })
  const untilServing = () =>
    waitFor(
      () =>
        registry.rpc.ping(service, {}).then(
          () => true,
          (thrown) => {
            if (!isCode(thrown, 'Unavailable')) throw thrown
            return false
          },
        ),
      { what: 'the registry does not find its database again', timeoutMs: PATIENCE_MS },
    )

  it.each(['halt', 'kill'] as const)(
    '%s midway: callers get Unavailable, and what was answered is there after',
    async (how) => {
      const caller = member()
      const target = (await create(caller, 'target')).id
      const made: Image[] = []
      const renamed: string[] = []
      const refusals: unknown[] = []
      let isOver = false
      const work = async (lane: number): Promise<void> => {
        for (let index = 0; !isOver; index += 1) {
          const name = `${how} ${lane}-${index}`
          try {
            made.push(await create(caller, name))
            await patch(caller, target, name)
            renamed.push(name)
            await listed(caller)
          } catch (thrown) {
            refusals.push(thrown)
            await pause(20)
          }
        }
      }
      const lanes = Promise.all(Array.from({ length: 6 }, (_, lane) => work(lane)))
      await waitFor(() => made.length >= 20, { what: 'work goes on' })
      await server[how]()
      await waitFor(() => refusals.length >= 12, { what: 'calls are refused' })
      await server.start()
      const before = made.length
      await waitFor(() => made.length >= before + 12, { what: 'work goes on again', timeoutMs: PATIENCE_MS })
      isOver = true
      await lanes
      expect(refusals.filter((each) => !isCode(each, 'Unavailable'))).toEqual([])
      const images = await listed(caller)
      const there = new Map(images.map((image) => [image.id, image]))
      for (const image of made) expect(there.get(image.id)).toEqual(image)
      // One that was cut off may be there or not, but whole.
      for (const { id, name, tags, properties } of images) {
        if (id !== target) expect({ tags, properties }).toEqual({ tags: ['t'], properties: { called: name } })
      }
      expect(renamed.length).toBeGreaterThan(0)
    },
  )

  it('every call says Unavailable within seconds, and each works again by itself', async () => {
    const caller = member()
    const image = await create(caller, 'here')
    const upload = seedImage(caller.projectId, { disk_format: 'raw', container_format: 'bare' })
    await seed(registry.database, [upload])
    const source = { address: 'memory:', ticket: 't' }
    const { transferId } = await registry.rpc.beginTransfer(caller, { imageId: upload.id, source })
    const { rpc } = registry
    const calls: Record<string, () => Promise<unknown>> = {
      ping: () => rpc.ping(service, {}),
      createImage: () => create(caller, 'never'),
      getImage: () => rpc.getImage(caller, { imageId: image.id }),
      listImages: () => listed(caller),
      patchImage: () => patch(caller, image.id, 'never'),
      deleteImage: () => rpc.deleteImage(caller, { imageId: image.id }),
      addTag: () => rpc.addTag(caller, { imageId: image.id, tag: 'never' }),
      beginTransfer: () => rpc.beginTransfer(caller, { imageId: image.id, source }),
      holdTransfer: () => rpc.holdTransfer(service, { transferId, holder: 'worker' }),
      failTransfer: () => rpc.failTransfer(service, { transferId, reason: 'never' }),
      openDownload: () => rpc.openDownload(caller, { imageId: image.id }),
      findToken: () => rpc.findToken(service, { hash: 'h' }),
      finishJob: () => rpc.finishJob(service, { jobId: 'j' }),
      listLocations: () => rpc.listLocations(service, { store: 'main', limit: 1 }),
    }
    await server.halt()
    try {
      const told = await Promise.all(
        Object.entries(calls).map(async ([name, call]) => {
          const began = performance.now()
          const code = await call().then(
            () => 'an answer',
            ({ code }) => code,
          )
          return [name, code, performance.now() - began < PATIENCE_MS ? 'soon' : 'late']
        }),
      )
      expect(told).toEqual(Object.keys(calls).map((name) => [name, 'Unavailable', 'soon']))
    } finally {
      await server.start()
    }
    await untilServing()
    expect(await rpc.getImage(caller, { imageId: image.id })).toEqual(image)
    expect(await rpc.holdTransfer(service, { transferId, holder: 'worker' })).toEqual({ leaseSeconds: 60 })
    expect((await listed(caller)).map(({ id }) => id).sort()).toEqual([image.id, upload.id].sort())
  })

  it('relay and sweep go on after it', async () => {
    const caller = member()
    const image = seedActive(caller.projectId)
    const upload = seedImage(caller.projectId, { disk_format: 'raw', container_format: 'bare' })
    await seed(registry.database, [image, upload])
    const source = { address: 'memory:', ticket: 't' }
    const { transferId } = await registry.rpc.beginTransfer(caller, { imageId: upload.id, source })
    jobQueue.isDown = true
    await registry.rpc.deleteImage(caller, { imageId: image.id })
    await setExpiry(registry.database, transferId, new Date(Date.now() + 700))
    await server.restart()
    jobQueue.isDown = false
    const isPublished = () =>
      jobQueue.added.some(({ payload }) => (payload as { imageId: string }).imageId === image.id)
    await waitFor(isPublished, { what: 'the job leaves after the outage', timeoutMs: PATIENCE_MS })
    await untilServing()
    const isQueued = async () => (await registry.rpc.getImage(caller, { imageId: upload.id })).status === 'queued'
    await waitFor(isQueued, { what: 'the sweep returns the image after the outage', timeoutMs: PATIENCE_MS })
  })

  it('a database that hangs does not hang its callers for ever, nor the calls after', async () => {
    const caller = member()
    const image = await create(caller, 'here')
    // PostgreSQL serves each connection in a process of its own.
    const pids = [server.pid(), ...descendantsOf(server.pid()).map(({ pid }) => pid)]
    for (const pid of pids) process.kill(pid, 'SIGSTOP')
    try {
      const haveStopped = () => pids.every((pid) => (processStat(pid)?.state ?? 'T') === 'T')
      await waitFor(haveStopped, { what: 'the server stands still' })
      const calls = Array.from({ length: 15 }, () =>
        registry.rpc.getImage(caller, { imageId: image.id }, { timeoutMs: 700 }).then(
          () => 'an answer',
          ({ code }) => code,
        ),
      )
      for (const code of await Promise.all(calls)) expect(['DeadlineExceeded', 'Unavailable']).toContain(code)
    } finally {
      for (const pid of pids) process.kill(pid, 'SIGCONT')
    }
    await untilServing()
    expect(await Promise.all(Array.from({ length: 30 }, () => listed(caller)))).toHaveLength(30)
  })

  it('a registry that starts before its database waits for it', async () => {
    await server.halt()
    const bus = openMemoryBus()
    const database = await open(fresh.url, { acquireTimeoutMs: 500 })
    const late = buildRegistry({
      database,
      rpcServer: bus.rpcServer,
      jobQueue: bus.jobQueue,
      policy: openPolicy(),
      settings: SETTINGS,
      log: silentLog,
    })
    try {
      await expect(late.health()).rejects.toMatchObject({ code: 'Unavailable' })
      let isServing = false
      const starting = late.start().then(() => {
        isServing = true
      })
      await pause(500)
      expect(isServing).toBe(false)
      await server.start()
      await starting
      await late.health()
      const patience = new AbortController()
      await server.halt()
      const second = buildRegistry({
        database,
        rpcServer: openMemoryBus().rpcServer,
        jobQueue: bus.jobQueue,
        policy: openPolicy(),
        settings: SETTINGS,
        log: silentLog,
      })
      const given = second.start(patience.signal)
      patience.abort(new Error('the operator stops it'))
      await expect(given).rejects.toThrow()
      await second.stop()
    } finally {
      await server.start()
      await late.stop()
      await database.close()
    }
    await untilServing()
  })
})
