import { afterAll, beforeAll, expect, it } from 'vitest'
import { runOwnGlance, runPythonGlance } from '../support/clients.ts'
import type { Deployment } from '../support/deployment.ts'
import { startDistributed } from '../support/deployments.ts'
import { md5OfFile } from '../support/digest.ts'
import { filesUnder } from '../support/leaks.ts'
import { countUnfinished, readRows } from '../support/rows.ts'
import { waitFor } from '../support/wait.ts'
import { tableObjects, tableProperties } from './table.ts'
import { images } from './target.ts'

let deployment: Deployment
beforeAll(async () => {
  deployment = await startDistributed({ database: 'postgres' })
})
afterAll(() => deployment?.stop())

it('one store without a name and PostgreSQL: created, found, changed, read, deleted', async () => {
  const env = deployment.env('member')
  const disk = await images().build({ format: 'qcow2', size: 8 << 20, content: 'random' })
  const formats = ['--disk-format', 'qcow2', '--container-format', 'bare', '--tags', 'blue', '--property', 'os=磁盘']
  const made = await runPythonGlance(['image-create', '--name', 'pg', ...formats, '--file', disk.path], { env })
  expect(made).toMatchObject({ code: 0, stderr: '' })
  const { id = '' } = tableProperties(made.stdout)
  expect(
    await readRows(deployment.databaseUrl, `SELECT status, size, checksum FROM images WHERE id = '${id}'`),
  ).toEqual([['active', String(disk.bytes), await md5OfFile(disk.path)]])
  const member = await deployment.as('member')
  const image = await member.show(id)
  expect(image).not.toHaveProperty('stores')
  expect(image).toMatchObject({ os: '磁盘', tags: ['blue'] })
  for (const filter of [
    `os=${encodeURIComponent('磁盘')}`,
    'tag=blue',
    'name=pg',
    'size_min=1',
    'sort=size:asc,name',
  ]) {
    expect((await member.list(`?${filter}`)).images).toHaveLength(1)
  }
  const changed = await runOwnGlance(['image-update', id, '--name', 'renamed', '--remove-property', 'os'], { env })
  expect(tableProperties(changed.stdout)).toMatchObject({ name: 'renamed' })
  expect(await member.download(id)).toMatchObject({ status: 200, md5: await md5OfFile(disk.path) })
  expect(tableObjects((await runOwnGlance(['image-list'], { env })).stdout)).toEqual([{ ID: id, Name: 'renamed' }])
  expect(await runOwnGlance(['image-delete', id], { env })).toEqual({ code: 0, stdout: '', stderr: '' })
  await waitFor(() => filesUnder(deployment.storeDir).length === 0, { what: 'the data stay', timeoutMs: 15_000 })
  await waitFor(async () => (await countUnfinished(deployment.databaseUrl)) === 0, {
    what: 'jobs are left',
    timeoutMs: 15_000,
  })
})

it('stops in order when asked', async () => {
  for (const role of ['api', 'worker', 'registry'] as const) {
    for (const each of deployment.processes(role)) expect(await each.stop()).toBe(0)
  }
})
