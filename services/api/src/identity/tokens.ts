import { hash, randomBytes } from 'node:crypto'
import type { TypedClient } from '@glance/shared/bus/client'
import { serviceContext } from '@glance/shared/context'
import type { RegistryRpc } from '@glance/shared/contracts/registry-rpc'
import type { Caller } from './identity.ts'

/** What a token stands for. */
export interface TokenGrant {
  expiresAt: string
  caller: Caller
  /** The `token` object of Keystone's v3 answers, without the catalog. */
  body: Record<string, unknown>
}

/** Tokens of the built-in identity: random, opaque, kept by the registry as their hash. */
export interface Tokens {
  issue(grant: TokenGrant): Promise<string>
  find(token: string): Promise<TokenGrant | undefined>
  revoke(token: string): Promise<void>
}

/** A revocation at another api is seen after this time at the latest. */
const CACHE_MS = 30_000
const MOST_CACHED = 10_000
/** What we issue: 256 random bits. Anything longer than this is not ours and is not even hashed. */
const LONGEST_TOKEN = 128

/** Opens the token book over the registry; `stillValid` is asked whenever a token is looked up afresh. */
export function openTokens(parts: {
  registry: Pick<TypedClient<RegistryRpc>, 'saveToken' | 'findToken' | 'revokeToken'>
  stillValid: (grant: TokenGrant) => Promise<boolean>
}): Tokens {
  const cache = new Map<string, { grant: TokenGrant; until: number }>()
  const context = serviceContext('req-identity')

  const remember = (key: string, grant: TokenGrant): void => {
    const until = Math.min(Date.now() + CACHE_MS, Date.parse(grant.expiresAt))
    cache.set(key, { grant, until })
    if (cache.size > MOST_CACHED) cache.delete(cache.keys().next().value ?? '')
  }

  return {
    issue: async (grant) => {
      const token = randomBytes(32).toString('base64url')
      const key = keyOf(token)
      await parts.registry.saveToken(context, {
        hash: key,
        expiresAt: grant.expiresAt,
        context: { ...grant.caller, requestId: 'req-identity' },
        body: grant.body,
      })
      remember(key, grant)
      return token
    },
    find: async (token) => {
      if (token.length > LONGEST_TOKEN) return undefined
      const key = keyOf(token)
      const cached = cache.get(key)
      if (cached !== undefined && cached.until > Date.now()) return cached.grant
      cache.delete(key)
      const { token: found } = await parts.registry.findToken(context, { hash: key })
      if (found === null || Date.parse(found.expiresAt) <= Date.now()) return undefined
      const { requestId: _, ...caller } = found.context
      const grant = { expiresAt: found.expiresAt, caller, body: found.body as Record<string, unknown> }
      if (!(await parts.stillValid(grant))) return undefined
      remember(key, grant)
      return grant
    },
    revoke: async (token) => {
      const key = keyOf(token)
      cache.delete(key)
      await parts.registry.revokeToken(context, { hash: key })
    },
  }
}

/** Looking a secret up by its hash leaves nothing to time. */
function keyOf(token: string): string {
  return hash('sha256', token, 'hex')
}
