import { readdirSync, readFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import type { Config } from '@glance/shared/config/config'
import type { Log } from '@glance/shared/log'
import type { DatabaseOptions } from './db/client.ts'
import { openPolicy, type Policy } from './policy/enforce.ts'
import { parsePolicyFile } from './policy/file.ts'
import type { RegistrySettings } from './rpc/parts.ts'

/** More connections than this only wait inside the database instead of before it. */
const MAX_CONNECTIONS = 32
const DEFAULT_POLICY_FILE = 'policy.yaml'

/** What the registry takes from a configuration. */
export function registrySettings({ DEFAULT, registry, stores }: Config): RegistrySettings {
  return {
    limits: {
      properties: DEFAULT.image_property_quota,
      tags: DEFAULT.image_tag_quota,
      members: DEFAULT.image_member_quota,
      locations: DEFAULT.image_location_quota,
    },
    stores: stores.map(({ id, weight, isDefault }) => ({ id, weight, isDefault })),
    imageSizeCap: DEFAULT.image_size_cap,
    leaseSeconds: DEFAULT.transfer_lease,
    uploadWaitSeconds: DEFAULT.upload_wait,
    sweepIntervalMs: registry.sweep_interval * 1_000,
    relayIntervalMs: registry.relay_interval * 1_000,
    // A job that its queue has not finished after a lease may have been lost by it.
    republishAfterMs: DEFAULT.transfer_lease * 1_000,
  }
}

/** How the database is reached; its statements are logged when the operator wants to see them. */
export function databaseOptions({ database, DEFAULT }: Config, log: Log): DatabaseOptions {
  const wanted = database.max_pool_size + Math.max(database.max_overflow, 0)
  const isUnlimited = database.max_pool_size === 0 || database.max_overflow < 0
  const isLogged = DEFAULT.debug || database.connection_debug > 0
  return {
    maxConnections: isUnlimited ? MAX_CONNECTIONS : Math.min(wanted, MAX_CONNECTIONS),
    idleSeconds: Math.max(database.connection_recycle_time, 1),
    sqlMode: database.mysql_sql_mode,
    ...(database.pool_timeout !== undefined && { acquireTimeoutMs: database.pool_timeout * 1_000 }),
    ...(isLogged && {
      onStatement: ({ sql, ms, rows }) => {
        const fields = { sql: sql.replace(/\s+/g, ' '), ms: Number(ms.toFixed(3)), rows }
        if (database.connection_debug > 0) log.info(fields, 'database statement')
        else log.debug(fields, 'database statement')
      },
    }),
  }
}

/**
 * The policy in force: the defaults with the operator's files over them.
 * @throws Error naming file, rule and reason when a file cannot be read or used
 */
export function loadPolicy({ oslo_policy: options, directory }: Config): Policy {
  const at = (path: string) => (isAbsolute(path) ? path : join(directory, path))
  const files = [at(options.policy_file), ...options.policy_dirs.flatMap((dir) => filesIn(at(dir)))]
  const overrides = files.map((file) => {
    const text = readIfThere(file, options.policy_file === DEFAULT_POLICY_FILE && file === files[0])
    return text === undefined ? {} : parsePolicyFile(text, file)
  })
  return openPolicy({ overrides: Object.assign({}, ...overrides), enforceScope: options.enforce_scope })
}

/** Only the file nobody asked for may be missing. */
function readIfThere(file: string, mayBeMissing: boolean): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    if (mayBeMissing && isMissing(cause)) return undefined
    throw new Error(`policy_file: ${file} cannot be read: ${String(cause)}`, { cause })
  }
}

function filesIn(dir: string): string[] {
  try {
    const names = readdirSync(dir).filter((name) => /^[^.].*\.(ya?ml|json)$/.test(name))
    return names.sort().map((name) => join(dir, name))
  } catch (cause) {
    if (isMissing(cause)) return []
    throw new Error(`policy_dirs: ${dir} cannot be read: ${String(cause)}`, { cause })
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
