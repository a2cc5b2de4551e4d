import { execFile } from 'node:child_process'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { makeFirstUser, openDataDirectory, refreshOpenrc } from './first-start.ts'
import { readKnownPassword } from './openrc.ts'

const run = promisify(execFile)
let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'openrc-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function sourced(openrc: string, words: string, input = ''): Promise<Record<string, string>> {
  const child = run('bash', ['-c', `export OS_TOKEN=old; source '${openrc}' ${words}; env -0`])
  child.child.stdin?.end(input)
  const { stdout } = await child
  return Object.fromEntries(stdout.split('\0').map((line) => [line.split('=')[0], line.slice(line.indexOf('=') + 1)]))
}

it('keeps the first password across starts at other ports, and only there', async () => {
  const data = await openDataDirectory(join(folder, 'data'))
  const password = await makeFirstUser(data.users)
  expect(password).toMatch(/^[\w-]{24}$/)
  await refreshOpenrc(data.openrc, { url: 'http://127.0.0.1:1', region: 'RegionOne', password: password ?? '' })
  expect(await makeFirstUser(data.users)).toBeUndefined()
  await refreshOpenrc(data.openrc, { url: 'http://127.0.0.1:2', region: 'RegionOne' })
  expect(await readKnownPassword(data.openrc)).toBe(password)
  expect((await stat(data.openrc)).mode & 0o777).toBe(0o600)
  expect((await stat(data.users)).mode & 0o777).toBe(0o600)
  const env = await sourced(data.openrc, '')
  expect(env).toMatchObject({
    OS_USERNAME: 'admin',
    OS_PROJECT_NAME: 'admin',
    OS_AUTH_URL: 'http://127.0.0.1:2/identity/v3',
  })
  expect(env.OS_PASSWORD).toBe(password)
  expect(env.OS_TOKEN).toBeUndefined()
})

it('takes user and project, and asks for a password it does not know', async () => {
  const data = await openDataDirectory(folder)
  await refreshOpenrc(data.openrc, { url: 'http://127.0.0.1:1', region: 'RegionOne', password: 'known' })
  expect(await sourced(data.openrc, 'ann lab', 'hers\n')).toMatchObject({
    OS_USERNAME: 'ann',
    OS_PROJECT_NAME: 'lab',
    OS_PASSWORD: 'hers',
  })
  expect(await sourced(data.openrc, 'admin lab')).toMatchObject({ OS_PROJECT_NAME: 'lab', OS_PASSWORD: 'known' })
})
