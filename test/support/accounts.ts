import { hashPassword } from '@glance/shared/identity/password'
import { newIdentityId, type UsersFile, writeUsersFile } from '@glance/shared/identity/users-file'

/** Who the tests are. `member` and `reader` share one project; `stranger` works in another. */
export const ACCOUNT_NAMES = ['admin', 'member', 'reader', 'stranger'] as const
export type AccountName = (typeof ACCOUNT_NAMES)[number]

/** A user of the built-in identity with the project it works in. */
export interface Account {
  readonly name: AccountName
  readonly password: string
  readonly project: string
  readonly projectId: string
}
export type Accounts = Readonly<Record<AccountName, Account>>

const GRANTS: Readonly<Record<AccountName, { readonly project: string; readonly roles: readonly string[] }>> = {
  admin: { project: 'admin', roles: ['admin', 'member', 'reader'] },
  member: { project: 'demo', roles: ['member', 'reader'] },
  reader: { project: 'demo', roles: ['reader'] },
  stranger: { project: 'elsewhere', roles: ['member', 'reader'] },
}

/** Writes a users file with all accounts, each with a password of its own. */
export async function writeAccounts(path: string): Promise<Accounts> {
  const projects = [...new Set(ACCOUNT_NAMES.map((name) => GRANTS[name].project))].map((name) => ({
    id: newIdentityId(),
    name,
  }))
  const accounts = {} as Record<AccountName, Account>
  const content: UsersFile = { users: [], projects, grants: [] }
  for (const name of ACCOUNT_NAMES) {
    const { project, roles } = GRANTS[name]
    const password = `${name}-${newIdentityId()}`
    const projectId = projects.find((each) => each.name === project)?.id ?? ''
    accounts[name] = { name, password, project, projectId }
    content.users.push({ id: newIdentityId(), name, password_hash: await hashPassword(password), enabled: true })
    content.grants.push({ user: name, project, roles: [...roles] })
  }
  await writeUsersFile(path, content)
  return accounts
}

/** The OS_* variables with which any client logs in as `account` at the server of `url`. */
export function clientEnv(url: string, account: Account): Record<string, string> {
  return {
    OS_AUTH_TYPE: 'password',
    OS_AUTH_URL: `${url}/identity/v3`,
    OS_IDENTITY_API_VERSION: '3',
    OS_IMAGE_API_VERSION: '2',
    OS_USERNAME: account.name,
    OS_PASSWORD: account.password,
    OS_PROJECT_NAME: account.project,
    OS_USER_DOMAIN_ID: 'default',
    OS_PROJECT_DOMAIN_ID: 'default',
  }
}

/**
 * Logs in and returns a token for the account's project.
 * @throws Error with the server's answer when it refuses
 */
export async function issueToken(url: string, account: Account): Promise<string> {
  const domain = { id: 'default' }
  const response = await fetch(`${url}/identity/v3/auth/tokens`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { name: account.name, password: account.password, domain } },
        },
        scope: { project: { name: account.project, domain } },
      },
    }),
    signal: AbortSignal.timeout(10_000),
  })
  const text = await response.text()
  const token = response.headers.get('x-subject-token')
  if (response.status !== 201 || token === null)
    throw new Error(`log-in of ${account.name}: ${response.status} ${text}`)
  return token
}
