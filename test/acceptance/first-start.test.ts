import { mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { findBinary } from '../support/binaries.ts'
import { type ClientResult, runClient } from '../support/clients.ts'
import { sha512OfFile } from '../support/digest.ts'
import { filesUnder } from '../support/leaks.ts'
import { type StandaloneProcess, startPlainStandalone } from '../support/plain-standalone.ts'
import { freePort } from '../support/ports.ts'
import { ROOT } from '../support/service-process.ts'
import { makeTempDir, removeDir } from '../support/temp-dir.ts'
import { tableObjects, tableProperties } from './table.ts'
import { images } from './target.ts'

let dir = ''
let dataDir = ''
let server: StandaloneProcess
beforeAll(async () => {
  dir = makeTempDir('first-start')
  dataDir = join(dir, 'data')
  server = await startPlainStandalone({ dataDir, port: await freePort() })
})
afterAll(async () => {
  await server?.stop()
  removeDir(dir)
})

/** What the README says to type, in a bash of its own. */
function shell(command: string): Promise<ClientResult> {
  const line = `source data/openrc && ${command}`
  return runClient(findBinary('bash'), ['-c', line], { env: { OS_TOKEN: 'left over from before' }, cwd: dir })
}

it('a first start makes database, user and openrc, and says how to go on', () => {
  expect(server.output()).toMatch(/source \S*openrc/)
  expect(server.output()).toContain(server.url)
  expect(statSync(join(dataDir, 'openrc')).mode & 0o777).toBe(0o600)
  expect(statSync(join(dataDir, 'users.yaml')).mode & 0o777).toBe(0o600)
  const password = /known_password='([^']+)'/.exec(readFileSync(join(dataDir, 'openrc'), 'utf8'))?.[1] ?? ''
  expect(password.length).toBeGreaterThan(20)
  // In clear nowhere else.
  const others = filesUnder(dataDir).filter((path) => !path.endsWith('/openrc'))
  for (const path of others) expect(readFileSync(path).includes(password)).toBe(false)
  expect(server.output()).not.toContain(password)
})

it('source openrc, then glance and openstack work', async () => {
  const glance = join(ROOT, 'node_modules/.bin/glance')
  const disk = await images().build({ format: 'qcow2', size: 8 << 20, content: 'random' })
  const create = `${glance} image-create --name mine --disk-format qcow2 --container-format bare --file '${disk.path}'`
  const made = await shell(create)
  expect(made).toMatchObject({ code: 0, stderr: '' })
  const { id = '' } = tableProperties(made.stdout)
  const listed = await shell(`${glance} image-list`)
  expect(listed).toMatchObject({ code: 0, stderr: '' })
  expect(tableObjects(listed.stdout)).toEqual([{ ID: id, Name: 'mine' }])
  const other = await shell('openstack image list -f json')
  expect(other.code).toBe(0)
  expect(JSON.parse(other.stdout)).toEqual([{ ID: id, Name: 'mine', Status: 'active' }])
  expect((await shell(`/usr/bin/glance image-download ${id} --file saved`)).code).toBe(0)
  expect(await sha512OfFile(join(dir, 'saved'))).toBe(await sha512OfFile(disk.path))
})

it('a second start at another port keeps images, user and password', async () => {
  const before = await shell('env | grep ^OS_PASSWORD=')
  await server.stop()
  server = await startPlainStandalone({ dataDir, port: await freePort() })
  expect((await shell('env | grep ^OS_PASSWORD=')).stdout).toBe(before.stdout)
  const listed = await shell('openstack image list -f json')
  expect(JSON.parse(listed.stdout)).toEqual([expect.objectContaining({ Name: 'mine', Status: 'active' })])
  const removed = await shell('openstack image delete mine')
  expect(removed).toMatchObject({ code: 0, stderr: '' })
})

it('a second server on the same port says so and ends', async () => {
  const port = Number(new URL(server.url).port)
  const elsewhere = join(dir, 'elsewhere')
  mkdirSync(elsewhere)
  await expect(startPlainStandalone({ dataDir: elsewhere, port })).rejects.toThrow(/EADDRINUSE|in use/i)
  expect((await shell('openstack image list -f json')).code).toBe(0)
})
