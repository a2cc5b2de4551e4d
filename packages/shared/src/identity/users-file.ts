import { randomUUID } from 'node:crypto'
import { open, readFile, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { parse, stringify } from 'yaml'

/** The users, projects and grants of the built-in identity. One domain exists: id `default`, name `Default`. */
export const UsersFileSchema = Type.Object({
  users: Type.Array(
    Type.Object({
      id: Type.String({ minLength: 1 }),
      name: Type.String({ minLength: 1, maxLength: 255 }),
      /** bcrypt; the password itself is nowhere kept. */
      password_hash: Type.String({ pattern: '^\\$2[aby]\\$\\d\\d\\$.{53}$' }),
      enabled: Type.Optional(Type.Boolean()),
    }),
  ),
  projects: Type.Array(
    Type.Object({ id: Type.String({ minLength: 1 }), name: Type.String({ minLength: 1, maxLength: 255 }) }),
  ),
  /** Which roles a user has on a project, both by name. */
  grants: Type.Array(
    Type.Object({ user: Type.String(), project: Type.String(), roles: Type.Array(Type.String({ minLength: 1 })) }),
  ),
})
export type UsersFile = Static<typeof UsersFileSchema>

export const DEFAULT_DOMAIN = { id: 'default', name: 'Default' } as const

const check = Compile(UsersFileSchema)

/**
 * Reads a users file. Throws an Error naming the file and the faulty field when it is no such file; ENOENT passes
 * through.
 */
export async function readUsersFile(path: string): Promise<UsersFile> {
  const text = await readFile(path, 'utf8')
  let content: unknown
  try {
    content = parse(text)
  } catch (thrown) {
    throw new Error(`${path}: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
  }
  if (check.Check(content)) return content
  const fault = check.Errors(content)[0]
  throw new Error(`${path}: ${fault?.instancePath || 'the document'} ${fault?.message ?? 'is malformed'}`)
}

/** Replaces a users file whole; readable by its owner only, since it holds password hashes. */
export async function writeUsersFile(path: string, content: UsersFile): Promise<void> {
  const temporary = join(dirname(path), `.users-${randomUUID()}`)
  const file = await open(temporary, 'wx', 0o600)
  try {
    await file.writeFile(stringify(content))
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, path)
}

/** Ids in the form Keystone gives them: 32 hex digits. */
export function newIdentityId(): string {
  return randomUUID().replaceAll('-', '')
}
