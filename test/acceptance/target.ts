import { afterAll, describe, inject } from 'vitest'
import { type AccountName, clientEnv, issueToken } from '../support/accounts.ts'
import { findBinary } from '../support/binaries.ts'
import { runClient } from '../support/clients.ts'
import type { DeploymentFacts, Kind } from '../support/deployment.ts'
import { GlanceHttp } from '../support/glance-http.ts'
import { type ImageCache, openImageCache } from '../support/images.ts'
import { filesUnder } from '../support/leaks.ts'
import { countUnfinished } from '../support/rows.ts'
import { waitFor } from '../support/wait.ts'
import { chosenKinds, STORES } from './kinds.ts'

/** The service under test, known by its URL; its directories and rows are looked at only to prove that nothing stays. */
export interface Target {
  readonly kind: Kind
  readonly url: string
  readonly facts: DeploymentFacts
  /** OS_* variables of an account; of the administrator when none is named. */
  env(account?: AccountName): Record<string, string>
  /** Speaks HTTP as an account; the token is issued once. */
  as(account: AccountName): Promise<GlanceHttp>
  /** Makes a store's private file system read-only, or writable again. */
  remount(store: 'small' | 'frail', mode: 'ro' | 'rw'): Promise<void>
  /** Files of a store, as the process that owns the store sees them; of the default store when none is named. */
  files(store?: (typeof STORES)[number]['id']): string[]
  /** Waits until the store files are exactly those of these images. */
  untilOnlyFilesOf(ids: readonly string[], store?: (typeof STORES)[number]['id']): Promise<void>
}

/** Real disk images, shared by all test files. */
export function images(): ImageCache {
  return openImageCache(inject('imageDir'))
}

/**
 * Runs the same tests against each target. After them all images are deleted, and neither a file nor an unfinished
 * transfer or job may be left.
 */
export function onEachTarget(body: (target: Target) => void): void {
  describe.each(chosenKinds())('%s', (kind) => {
    const target = openTarget(kind)
    afterAll(() => leaveNothing(target))
    body(target)
  })
}

function openTarget(kind: Kind): Target {
  const facts = inject('targets')[kind]
  if (facts === undefined) throw new Error(`no ${kind} deployment was started`)
  const known = new Map<AccountName, Promise<GlanceHttp>>()
  const as = (name: AccountName): Promise<GlanceHttp> => {
    const before = known.get(name)
    if (before !== undefined) return before
    const opened = issueToken(facts.url, facts.accounts[name]).then((token) => new GlanceHttp(facts.url, token))
    known.set(name, opened)
    return opened
  }
  const owner = facts.processes['worker-1'] ?? facts.processes['standalone-1']
  const files: Target['files'] = (store = 'main') => filesUnder(`/proc/${owner?.pid}/root${facts.storeDirs[store]}`)
  const remount: Target['remount'] = async (store, mode) => {
    const pid = String(owner?.pid)
    const user = process.getuid?.() === 0 ? [] : ['--user', '--preserve-credentials']
    const mount = ['mount', '-o', `remount,${mode}`, facts.storeDirs[store] ?? '']
    const args = ['--target', pid, '--mount', ...user, '--', ...mount]
    const { code, stderr } = await runClient(findBinary('nsenter'), args, { env: {} })
    if (code !== 0) throw new Error(`remount of ${store}: ${stderr}`)
  }
  const untilOnlyFilesOf: Target['untilOnlyFilesOf'] = async (ids, store) => {
    const isRight = (): boolean => {
      const found = files(store)
      return found.length === ids.length && ids.every((id) => found.some((path) => path.endsWith(`/${id}`)))
    }
    await waitFor(isRight, {
      what: `store holds other files than ${ids.join(', ') || 'none'}`,
      timeoutMs: 15_000,
    }).catch((error: Error) => {
      throw new Error(`${error.message}\n${files(store).join('\n')}`)
    })
  }
  return {
    kind,
    url: facts.url,
    facts,
    env: (name = 'admin') => clientEnv(facts.url, facts.accounts[name]),
    as,
    remount,
    files,
    untilOnlyFilesOf,
  }
}

async function leaveNothing(target: Target): Promise<void> {
  const admin = await target.as('admin')
  for (const hidden of ['false', 'true']) {
    for (;;) {
      const { images: found } = await admin.list(`?limit=1000&visibility=all&member_status=all&os_hidden=${hidden}`)
      if (found.length === 0) break
      await admin.deleteAll(found.map(({ id }) => id))
    }
  }
  for (const { id } of STORES) await target.untilOnlyFilesOf([], id)
  await waitFor(async () => (await countUnfinished(target.facts.databaseUrl)) === 0, {
    what: 'transfers or jobs are left in the database',
    timeoutMs: 20_000,
    everyMs: 200,
  })
}
