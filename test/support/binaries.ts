import { accessSync, constants, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Where Debian keeps server programs that are not on every user's PATH; `*` is one version directory. */
const SERVER_DIRS = [
  '/usr/lib/rabbitmq/bin',
  '/usr/lib/postgresql/*/bin',
  '/usr/sbin',
  '/usr/local/sbin',
  '/usr/libexec',
]

/**
 * Full path of an installed program: first Debian's server directories (the newest version first), then PATH.
 * RabbitMQ's programs on PATH are wrappers that change the user, hence this order.
 * @throws Error telling the name and how to get it
 */
export function findBinary(name: string): string {
  const dirs = [...SERVER_DIRS.flatMap(expand), ...(process.env.PATH ?? '').split(':'), '/usr/bin', '/bin']
  for (const dir of dirs) {
    const path = join(dir, name)
    if (isExecutable(path)) return path
  }
  throw new Error(`program ${name} is not installed; run: node scripts/packages.mjs`)
}

function expand(pattern: string): string[] {
  const [parent, rest] = pattern.split('/*/')
  if (parent === undefined || rest === undefined) return [pattern]
  try {
    const versions = readdirSync(parent).sort((a, b) => Number.parseFloat(b) - Number.parseFloat(a))
    return versions.map((version) => join(parent, version, rest))
  } catch {
    return []
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
