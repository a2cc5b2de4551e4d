import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { makeTempDir, removeDir } from './temp-dir.ts'

const SCRIPT = fileURLToPath(new URL('../../scripts/packages.mjs', import.meta.url))
const isRoot = process.getuid?.() === 0

interface Outcome {
  readonly status: number | null
  readonly stderr: string
}

function packages(path: string, args: string[] = []): Outcome {
  const result = spawnSync(process.execPath, [SCRIPT, ...args], { env: { PATH: path }, encoding: 'utf8' })
  return { status: result.status, stderr: result.stderr }
}

/** A PATH with nothing but an apt-get that writes down how it is called and fails at the first install. */
function fakeAptGet(): { readonly path: string; readonly calls: () => string[] } {
  const dir = makeTempDir('apt')
  onTestFinished(() => removeDir(dir))
  const log = join(dir, 'calls')
  const bin = join(dir, 'bin')
  mkdirSync(bin)
  const script = `#!/bin/sh
[ "$1" = --version ] && exit 0
[ -e /usr/sbin/policy-rc.d ] && policy=policy || policy=none
echo "$DEBIAN_FRONTEND $policy $*" >>${log}
case "$*" in *install*) [ "$(/usr/bin/wc -l <${log})" -gt 2 ] || exit 100;; esac
exit 0
`
  writeFileSync(join(bin, 'apt-get'), script)
  chmodSync(join(bin, 'apt-get'), 0o755)
  return { path: bin, calls: () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []) }
}

it('says nothing when all is there', () => {
  expect(packages(process.env.PATH ?? '')).toEqual({ status: 0, stderr: '' })
})

it('tells in one line what is missing and how to get it', () => {
  const apt = fakeAptGet()
  const { status, stderr } = packages(apt.path, ['--check'])
  expect(status).toBe(1)
  expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  expect(stderr).toMatch(/missing: .*curl.* wrk; as root: apt-get update && apt-get install .*curl.* wrk/)
  expect(stderr).not.toContain('python3-glanceclient')
  expect(apt.calls()).toEqual([])
  expect(packages('/nonexistent').stderr).toContain('with the package manager of this system')
})

it.runIf(isRoot)('installs as root, refreshing the package lists when needed, and lets no service start', () => {
  const apt = fakeAptGet()
  const before = existsSync('/usr/sbin/policy-rc.d')
  const { status, stderr } = packages(apt.path)
  const calls = apt.calls()
  expect(calls).toHaveLength(3)
  for (const call of calls) expect(call).toMatch(/^noninteractive policy .*DPkg::Lock::Timeout=/)
  expect(calls[0]).toMatch(/install -y --no-install-recommends .*curl.* wrk$/)
  expect(calls[1]).toMatch(/ update$/)
  expect(calls[2]).toMatch(/ install /)
  // The false apt-get brought nothing: that must not pass as success.
  expect(status).toBe(1)
  expect(stderr).toMatch(/the tests need programs that are missing: curl/)
  expect(existsSync('/usr/sbin/policy-rc.d')).toBe(before)
})
