import type { TypedHandlers } from '@glance/shared/bus/client'
import type { RegistryRpc } from '@glance/shared/contracts/registry-rpc'
import { GlanceError } from '@glance/shared/errors/error'
import { deleteToken, findToken, insertToken } from '../db/tokens.ts'
import type { RpcParts } from './parts.ts'

type TokenMethods = 'saveToken' | 'findToken' | 'revokeToken'

export function tokenHandlers({ database, now }: RpcParts): Pick<TypedHandlers<RegistryRpc>, TokenMethods> {
  return {
    saveToken: async ({ hash, ...token }) => {
      if (Number.isNaN(Date.parse(token.expiresAt))) {
        throw new GlanceError('BadRequest', 'expiresAt must be an ISO 8601 time.')
      }
      await insertToken(database, hash, token)
      return {}
    },
    findToken: async ({ hash }) => ({ token: (await findToken(database, hash, now())) ?? null }),
    revokeToken: async ({ hash }) => {
      await deleteToken(database, hash)
      return {}
    },
  }
}
