import type { TypedClient } from '@glance/shared/bus/client'
import type { RegistryRpc } from '@glance/shared/contracts/registry-rpc'
import { GlanceError } from '@glance/shared/errors/error'
import { DEFAULT_DOMAIN } from '@glance/shared/identity/users-file'
import { type Account, openAccounts } from './accounts.ts'
import type { Caller, Identity } from './identity.ts'
import { identityRoutes } from './keystone-routes.ts'
import type { TokenDesk } from './token-desk.ts'
import { parseTokenRequest, requestedProject } from './token-request.ts'
import { tokenBody } from './token-view.ts'
import { openTokens, type TokenGrant } from './tokens.ts'

export interface StandaloneIdentityParts {
  registry: Pick<TypedClient<RegistryRpc>, 'saveToken' | 'findToken' | 'revokeToken'>
  usersFile: string
  tokenSeconds: number
  /** Wrong passwords in a row that lock a user out; 0 never does. */
  maxFailures: number
  lockSeconds: number
  /** The region named in the catalog. */
  region: string
  /** Address clients know this server by; that of the request when undefined. */
  publicEndpoint?: string
}

/** The built-in identity: users of a file, tokens of its own, the part of Keystone v3 that clients need. */
export function openStandaloneIdentity(parts: StandaloneIdentityParts): Identity {
  const accounts = openAccounts({
    path: parts.usersFile,
    maxFailures: parts.maxFailures === 0 ? Number.POSITIVE_INFINITY : parts.maxFailures,
    lockSeconds: parts.lockSeconds,
  })
  const tokens = openTokens({
    registry: parts.registry,
    stillValid: async ({ caller }) => (await accounts.byId(caller.userId ?? '')) !== undefined,
  })

  const accountOf = async (auth: ReturnType<typeof parseTokenRequest>): Promise<Account | undefined> => {
    const { methods, password, token } = auth.identity
    if (methods.includes('password') && password !== undefined) {
      const { user } = password
      const domain = user.domain
      const isOurs = domain === undefined || domain.id === DEFAULT_DOMAIN.id || domain.name === DEFAULT_DOMAIN.name
      return isOurs ? accounts.verify(user, user.password) : undefined
    }
    if (methods.includes('token') && token !== undefined) {
      const grant = await tokens.find(token.id)
      return grant === undefined ? undefined : accounts.byId(grant.caller.userId ?? '')
    }
    throw new GlanceError(
      'BadRequest',
      '/auth/identity/methods must be password or token, with the object of that name',
    )
  }

  const login = async (body: unknown): Promise<{ token: string; grant: TokenGrant }> => {
    const auth = parseTokenRequest(body)
    const account = await accountOf(auth)
    if (account === undefined) throw new GlanceError('Unauthorized', REFUSED)
    const grant = grantFor(account, auth, parts.tokenSeconds)
    return { token: await tokens.issue(grant), grant }
  }

  const desk: TokenDesk = {
    login,
    find: tokens.find,
    revoke: tokens.revoke,
    projectsOf: async ({ caller }) => {
      const account = await accounts.byId(caller.userId ?? '')
      const own = account?.grants.map(({ project }) => project) ?? []
      return { own, visible: caller.roles.includes('admin') ? await accounts.projects() : own }
    },
    region: parts.region,
    ...(parts.publicEndpoint === undefined ? {} : { publicEndpoint: parts.publicEndpoint }),
  }

  return {
    authenticate: async (headers) => {
      const token = headers['x-auth-token']
      if (typeof token !== 'string' || token === '') return undefined
      return (await tokens.find(token))?.caller
    },
    challenge: 'Keystone uri="/identity/v3"',
    routes: (app) => identityRoutes(app, desk),
  }
}

const REFUSED = 'The request you have made requires authentication.'

/** The token's meaning: the project asked for, or the user's only one; without any, a token that opens nothing. */
function grantFor(account: Account, auth: ReturnType<typeof parseTokenRequest>, seconds: number): TokenGrant {
  const wanted = requestedProject(auth)
  const fits = ({ project }: Account['grants'][number]) =>
    wanted?.id === undefined ? project.name === wanted?.name : project.id === wanted.id
  const isUnscoped = auth.scope === 'unscoped' || (typeof auth.scope === 'object' && auth.scope.project === undefined)
  const only = account.grants.length === 1 && !isUnscoped ? account.grants[0] : undefined
  const grant = wanted === undefined ? only : account.grants.find(fits)
  if (wanted !== undefined && grant === undefined) throw new GlanceError('Unauthorized', REFUSED)
  const now = Date.now()
  const times = { issuedAt: new Date(now).toISOString(), expiresAt: new Date(now + seconds * 1000).toISOString() }
  const caller: Caller = {
    userId: account.id,
    userName: account.name,
    projectId: grant?.project.id ?? null,
    ...(grant === undefined ? {} : { projectName: grant.project.name, projectDomainId: DEFAULT_DOMAIN.id }),
    userDomainId: DEFAULT_DOMAIN.id,
    roles: (grant?.roles ?? []).map((role) => role.toLowerCase()),
    serviceRoles: [],
    readOnly: false,
  }
  return { expiresAt: times.expiresAt, caller, body: tokenBody(account, grant, times) }
}
