import { stat } from 'node:fs/promises'
import { matchesPassword } from '@glance/shared/identity/password'
import { readUsersFile, type UsersFile } from '@glance/shared/identity/users-file'
import { openFailedAttempts } from './failed-attempts.ts'

/** A user as the users file knows it, without the hash. */
export interface Account {
  id: string
  name: string
  /** Projects the user has roles on, in file order. */
  grants: { project: { id: string; name: string }; roles: string[] }[]
}

/** Looks accounts up in the users file, which is read again when it changes. */
export interface Accounts {
  /** The account, if name or id exists, is enabled, and the password is right. Takes as long when it does not exist. */
  verify(user: { id?: string; name?: string }, password: string): Promise<Account | undefined>
  byId(id: string): Promise<Account | undefined>
  projects(): Promise<{ id: string; name: string }[]>
}

/** Opens the users file; `maxFailures` wrong passwords in a row lock a user out for `lockSeconds`. */
export function openAccounts(options: { path: string; maxFailures: number; lockSeconds: number }): Accounts {
  const failures = openFailedAttempts(options)
  let known: { stamp: string; file: UsersFile } | undefined

  const load = async (): Promise<UsersFile> => {
    const { mtimeMs, size, ino } = await stat(options.path)
    const stamp = `${mtimeMs}:${size}:${ino}`
    if (known?.stamp !== stamp) known = { stamp, file: await readUsersFile(options.path) }
    return known.file
  }

  return {
    verify: async (wanted, password) => {
      const file = await load()
      const user = file.users.find((each) =>
        wanted.id === undefined ? each.name === wanted.name : each.id === wanted.id,
      )
      const key = user?.id ?? `?${wanted.name ?? wanted.id ?? ''}`
      if (failures.isLocked(key)) return undefined
      // A user that does not exist costs one comparison too, so that time does not tell names.
      const matches = await matchesPassword(password, user?.password_hash)
      if (!matches || user === undefined || user.enabled === false) {
        failures.add(key)
        return undefined
      }
      failures.clear(key)
      return accountOf(file, user)
    },
    byId: async (id) => {
      const file = await load()
      const user = file.users.find((each) => each.id === id && each.enabled !== false)
      return user === undefined ? undefined : accountOf(file, user)
    },
    projects: async () => (await load()).projects,
  }
}

function accountOf(file: UsersFile, user: UsersFile['users'][number]): Account {
  const grants = file.grants.flatMap((grant) => {
    const project = file.projects.find((each) => each.name === grant.project)
    return grant.user === user.name && project !== undefined ? [{ project, roles: grant.roles }] : []
  })
  return { id: user.id, name: user.name, grants }
}
