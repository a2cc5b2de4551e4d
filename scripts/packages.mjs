/**
 * Makes sure that the programs the tests run are there: `node scripts/packages.mjs [--check]`.
 * As root with apt-get it installs the Debian packages that are missing; otherwise, and with --check, it prints one
 * line that says what is missing and how to get it, and exits with 1. Needs nothing but Node.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** Debian package -> programs that show it is there; one with a slash is a full path, `*` one version directory. */
export const PACKAGES = {
  curl: ['curl'],
  genisoimage: ['genisoimage'],
  'mariadb-client': ['mariadb'],
  'mariadb-server': ['mariadbd', 'mariadb-install-db'],
  postgresql: ['/usr/lib/postgresql/*/bin/postgres', '/usr/lib/postgresql/*/bin/createdb'],
  'python3-glanceclient': ['/usr/bin/glance'],
  'python3-openstackclient': ['openstack'],
  'qemu-utils': ['qemu-img'],
  'rabbitmq-server': ['/usr/lib/rabbitmq/bin/rabbitmq-server', 'epmd'],
  'redis-server': ['redis-server'],
  'util-linux': ['setpriv', 'ipcrm'],
  wrk: ['wrk'],
}

/** Read by Debian's maintainer scripts: 101 means "start no service". */
const POLICY = '/usr/sbin/policy-rc.d'

/** Names of the packages of which a program is missing. */
export function missingPackages() {
  return Object.keys(PACKAGES).filter((name) => !PACKAGES[name].every(isInstalled))
}

function isInstalled(program) {
  if (program.includes('*')) {
    const [parent, rest] = program.split('/*/')
    return existsSync(parent) && readdirSync(parent).some((version) => isExecutable(join(parent, version, rest)))
  }
  if (program.includes('/')) return isExecutable(program)
  // Server programs lie in /usr/sbin, which is not on every user's PATH.
  const dirs = [...(process.env.PATH ?? '').split(':'), '/usr/sbin']
  return dirs.some((dir) => dir !== '' && isExecutable(join(dir, program)))
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function install(names) {
  const ownPolicy = forbidServiceStart()
  const restore = () => ownPolicy && rmSync(POLICY, { force: true })
  const stop = () => {
    restore()
    process.exit(130)
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  try {
    // The package lists of a fresh machine or container are empty or old: fetch them only when needed.
    if (aptGet(['install', '-y', '--no-install-recommends', ...names])) return
    aptGet(['update'])
    aptGet(['install', '-y', '--no-install-recommends', ...names])
  } finally {
    restore()
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
  }
}

/** Returns whether the policy file is ours to remove; one that is there already stays as it is. */
function forbidServiceStart() {
  try {
    writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755, flag: 'wx' })
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

/** Runs apt-get without questions; its output goes to standard error only when it fails. Returns whether it worked. */
function aptGet(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const options = ['-q', '-o', 'DPkg::Lock::Timeout=900', '-o', 'Dpkg::Options::=--force-confold']
  const result = spawnSync('apt-get', [...options, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 28,
  })
  if (result.status === 0) return true
  const printed = `${result.stdout ?? ''}${result.stderr ?? ''}`.trimEnd().split('\n').slice(-5).join('\n')
  process.stderr.write(`apt-get ${args[0]}: ${result.error?.message ?? printed}\n`)
  return false
}

function hasAptGet() {
  try {
    execFileSync('apt-get', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function main() {
  let missing = missingPackages()
  if (missing.length === 0) return 0
  const mayInstall = process.getuid?.() === 0 && hasAptGet()
  if (mayInstall && !process.argv.includes('--check')) {
    process.stderr.write(`installing ${missing.join(' ')}\n`)
    install(missing)
    missing = missingPackages()
    if (missing.length === 0) return 0
  }
  const names = missing.join(' ')
  const remedy = hasAptGet()
    ? `as root: apt-get update && apt-get install -y --no-install-recommends ${names}`
    : 'install what these Debian packages hold with the package manager of this system'
  process.stderr.write(`the tests need programs that are missing: ${names}; ${remedy}\n`)
  return 1
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) process.exitCode = main()
