// Brings the dependencies to what the lockfile says, with the pinned pnpm that npm fetches. Plain Node: runs before anything is installed.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Runs a program in the checkout; ends this process with its exit code when it fails. */
export function run(command, args, options = {}) {
  const done = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options })
  if (done.error) throw done.error
  if (done.status !== 0) process.exit(done.status ?? 1)
}

/** Installs the dependencies unless the last install was of this very lockfile. */
export function installDependencies() {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'pnpm-lock.yaml')))
    .digest('hex')
  const stamp = join(root, 'node_modules', '.installed-lockfile')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  run('npx', ['--yes', manifest.packageManager, 'install', '--frozen-lockfile'], {
    env: { ...process.env, npm_config_update_notifier: 'false' },
  })
  writeFileSync(stamp, wanted)
}

/** One number for the state of the sources: newest change, count and names of all files a build reads. */
export function sourceState() {
  const hash = createHash('sha256')
  const visit = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (['node_modules', 'dist', 'generated'].includes(entry.name) || entry.name.startsWith('.')) continue
      const path = join(folder, entry.name)
      if (entry.isDirectory()) visit(path)
      else if (/\.(ts|mjs|json|prisma|sql)$/.test(entry.name)) hash.update(`${path}:${statSync(path).mtimeMs};`)
    }
  }
  for (const folder of ['packages', 'services', 'prisma', 'test']) visit(join(root, folder))
  for (const file of ['pnpm-lock.yaml', 'tsconfig.json', 'tsconfig.base.json'])
    hash.update(readFileSync(join(root, file)))
  return hash.digest('hex')
}
