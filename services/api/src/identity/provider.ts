import { join } from 'node:path'
import type { TypedClient } from '@glance/shared/bus/client'
import type { Config } from '@glance/shared/config/config'
import type { RegistryRpc } from '@glance/shared/contracts/registry-rpc'
import type { Log } from '@glance/shared/log'
import type { Identity } from './identity.ts'

/** The region the built-in catalog names, as clients expect it where nobody chose another. */
export const REGION = 'RegionOne'

/** What a provider may work with. */
export interface IdentityParts {
  readonly registry: TypedClient<RegistryRpc>
  readonly log: Pick<Log, 'warn'>
}

/**
 * Opens the identity provider that `auth_strategy` chooses; the code of the others is not loaded.
 * @throws Error for a strategy this release does not have, or one that lacks an option
 */
export async function openIdentity(config: Config, parts: IdentityParts): Promise<Identity> {
  const { auth_strategy: strategy } = config.DEFAULT
  if (strategy === 'none') {
    parts.log.warn('auth_strategy = none: every caller is an administrator')
    return (await import('./none.ts')).openNoIdentity()
  }
  if (strategy === 'standalone') return openBuiltIn(config, parts)
  throw new Error(`[DEFAULT] auth_strategy = ${strategy} is not available in this release; use standalone or none`)
}

async function openBuiltIn(config: Config, { registry }: IdentityParts): Promise<Identity> {
  const { users_file, token_ttl, max_failed_logins, failed_login_period } = config.standalone
  const { data_dir, public_endpoint } = config.DEFAULT
  const usersFile = users_file ?? (data_dir === undefined ? undefined : join(data_dir, 'users.yaml'))
  if (usersFile === undefined) {
    throw new Error('[standalone] users_file must be set when auth_strategy is standalone and there is no data_dir')
  }
  const { openStandaloneIdentity } = await import('./standalone.ts')
  return openStandaloneIdentity({
    registry,
    usersFile,
    tokenSeconds: token_ttl,
    maxFailures: max_failed_logins,
    lockSeconds: failed_login_period,
    region: REGION,
    ...(public_endpoint === undefined ? {} : { publicEndpoint: public_endpoint }),
  })
}
