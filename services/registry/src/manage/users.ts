import { randomBytes } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { loadConfig } from '@glance/shared/config/load'
import { hashPassword } from '@glance/shared/identity/password'
import { newIdentityId, readUsersFile, type UsersFile, writeUsersFile } from '@glance/shared/identity/users-file'
import type { Command } from 'commander'
import type { ManageScope } from './scope.ts'

interface UserOptions {
  usersFile?: string
  project: string[]
  role: string[]
  passwordStdin?: boolean
}

const collect = (value: string, before: string[]): string[] => [...before, value]

/** Adds the verbs that look after the users of the built-in identity. */
export function userCommands(program: Command, scope: ManageScope): void {
  const verb = (name: string, description: string): Command =>
    program
      .command(name)
      .description(description)
      .option('--users-file <file>', 'users file; that of [standalone] users_file by default')
  const withPassword = (command: Command): Command =>
    command.option('--password-stdin', 'read the password from standard input instead of making a random one')

  withPassword(verb('user-create', 'Makes a user, or gives one more roles.'))
    .argument('<name>')
    .option('--project <name>', 'project the roles are on; may be repeated; made when missing', collect, [])
    .option('--role <name>', 'role: admin, member, reader …; may be repeated', collect, [])
    .action((name: string, options: UserOptions) => createUser(scope, name, options))
  withPassword(verb('user-password', 'Gives a user another password.'))
    .argument('<name>')
    .action((name: string, options: UserOptions) => changePassword(scope, name, options))
  verb('user-delete', 'Removes a user; tokens that it has end within half a minute.')
    .argument('<name>')
    .action((name: string, options: UserOptions) =>
      edit(scope, options, (file) => {
        requireUser(file, name)
        return {
          ...file,
          users: file.users.filter((user) => user.name !== name),
          grants: file.grants.filter((grant) => grant.user !== name),
        }
      }),
    )
  verb('user-list', 'Lists users with their roles.').action(async (options: UserOptions) => {
    const file = await read(scope, options)
    for (const user of file.users) {
      const grants = file.grants.filter((grant) => grant.user === user.name)
      scope.print(`${user.name}  ${grants.map((grant) => `${grant.project}: ${grant.roles.join(', ')}`).join('; ')}`)
    }
  })
}

function pathOf(scope: ManageScope, options: UserOptions): string {
  const path = options.usersFile ?? loadConfig(scope).standalone.users_file
  if (path === undefined) throw new Error('name the users file by --users-file or [standalone] users_file')
  return path
}

async function read(scope: ManageScope, options: UserOptions): Promise<UsersFile> {
  try {
    return await readUsersFile(pathOf(scope, options))
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT')
      return { users: [], projects: [], grants: [] }
    throw thrown
  }
}

async function edit(
  scope: ManageScope,
  options: UserOptions,
  change: (file: UsersFile) => UsersFile | Promise<UsersFile>,
): Promise<void> {
  await writeUsersFile(pathOf(scope, options), await change(await read(scope, options)))
}

function requireUser(file: UsersFile, name: string): UsersFile['users'][number] {
  const user = file.users.find((each) => each.name === name)
  if (user === undefined) throw new Error(`there is no user '${name}'`)
  return user
}

/** The password from standard input, or a random one, which is then told. */
async function takePassword(scope: ManageScope, options: UserOptions): Promise<string> {
  if (options.passwordStdin === true) return (await text(process.stdin)).replace(/\r?\n$/, '')
  const password = randomBytes(18).toString('base64url')
  scope.print(`Password: ${password}`)
  return password
}

async function createUser(scope: ManageScope, name: string, options: UserOptions): Promise<void> {
  const projects = options.project.length > 0 ? options.project : [name]
  const roles = options.role.length > 0 ? options.role : ['member', 'reader']
  await edit(scope, options, async (file) => {
    const isKnown = file.users.some((user) => user.name === name)
    const users = isKnown
      ? file.users
      : [
          ...file.users,
          {
            id: newIdentityId(),
            name,
            password_hash: await hashPassword(await takePassword(scope, options)),
            enabled: true,
          },
        ]
    const fresh = projects.filter((project) => !file.projects.some((each) => each.name === project))
    return {
      users,
      projects: [...file.projects, ...fresh.map((project) => ({ id: newIdentityId(), name: project }))],
      grants: [
        ...file.grants.filter((grant) => grant.user !== name || !projects.includes(grant.project)),
        ...projects.map((project) => {
          const before = file.grants.find((grant) => grant.user === name && grant.project === project)?.roles ?? []
          return { user: name, project, roles: [...new Set([...before, ...roles])] }
        }),
      ],
    }
  })
}

async function changePassword(scope: ManageScope, name: string, options: UserOptions): Promise<void> {
  await edit(scope, options, async (file) => {
    const user = requireUser(file, name)
    const password_hash = await hashPassword(await takePassword(scope, options))
    return { ...file, users: file.users.map((each) => (each === user ? { ...user, password_hash } : each)) }
  })
}
