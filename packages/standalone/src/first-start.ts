import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { hashPassword } from '@glance/shared/identity/password'
import { newIdentityId, readUsersFile, writeUsersFile } from '@glance/shared/identity/users-file'
import { readKnownPassword, writeOpenrc } from './openrc.ts'

const FIRST_USER = 'admin'

/** Where a standalone server keeps what is its own. */
export interface DataDirectory {
  readonly database: string
  readonly images: string
  readonly logs: string
  readonly users: string
  readonly openrc: string
}

/** Makes the directory, readable by its owner only, and tells what lies where. */
export async function openDataDirectory(path: string): Promise<DataDirectory> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  return {
    database: join(path, 'glance.sqlite'),
    images: join(path, 'images'),
    logs: join(path, 'log'),
    users: join(path, 'users.yaml'),
    openrc: join(path, 'openrc'),
  }
}

/**
 * Makes the first user `admin` of project `admin` with a random password, when there is no users file yet.
 * @returns the password, to be kept in the openrc and nowhere else; undefined when users exist already
 */
export async function makeFirstUser(usersFile: string): Promise<string | undefined> {
  try {
    await readUsersFile(usersFile)
    return undefined
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT')) throw thrown
  }
  const password = randomBytes(18).toString('base64url')
  await writeUsersFile(usersFile, {
    users: [{ id: newIdentityId(), name: FIRST_USER, password_hash: await hashPassword(password), enabled: true }],
    projects: [{ id: newIdentityId(), name: FIRST_USER }],
    grants: [{ user: FIRST_USER, project: FIRST_USER, roles: ['admin', 'member', 'reader'] }],
  })
  return password
}

/** Writes the openrc for where the server listens now, with the password it knew before or a fresh one. */
export async function refreshOpenrc(
  path: string,
  facts: { url: string; region: string; password?: string },
): Promise<void> {
  const password = facts.password ?? (await readKnownPassword(path))
  await writeOpenrc(path, {
    authUrl: `${facts.url}/identity/v3`,
    region: facts.region,
    user: FIRST_USER,
    project: FIRST_USER,
    ...(password === undefined ? {} : { password }),
  })
}
