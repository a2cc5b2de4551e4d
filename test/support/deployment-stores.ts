import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { PrivateMount } from './service-process.ts'

/** A filesystem store of a deployment. */
export interface StorePlan {
  readonly id: string
  /** On a memory file system of this size, seen by the store's processes only. */
  readonly megabytes?: number
  readonly readOnly?: boolean
}

/** Where the stores of a deployment are, and the configuration that says so. */
export interface StoreSetting {
  readonly dirs: Readonly<Record<string, string>>
  readonly first: string
  readonly mounts: readonly PrivateMount[]
  readonly config: readonly string[]
}

/** Lays out the stores: those named, or one without a name in `place.single`. */
export function planStores(
  plans: readonly StorePlan[] | undefined,
  place: { dir: string; single: string },
): StoreSetting {
  const reserved = ['staging', 'tasks'].flatMap((name) => {
    const datadir = join(place.dir, `os_glance_${name}_store`)
    return [`[os_glance_${name}_store]`, `filesystem_store_datadir = ${datadir}`]
  })
  if (plans === undefined) {
    const config = ['[glance_store]', `filesystem_store_datadir = ${place.single}`, ...reserved]
    return { dirs: { file: place.single }, first: place.single, mounts: [], config }
  }
  const dirs = Object.fromEntries(plans.map(({ id }) => [id, join(place.dir, 'stores', id)]))
  const config = [
    '[DEFAULT]',
    `enabled_backends = ${plans.map(({ id }) => `${id}:file`).join(',')}`,
    '[glance_store]',
    `default_backend = ${plans[0]?.id ?? ''}`,
    ...plans.flatMap(({ id }) => [`[${id}]`, `filesystem_store_datadir = ${dirs[id]}`]),
    ...reserved,
  ]
  const mounts = plans.flatMap(({ id, megabytes, readOnly = false }) => {
    const dir = dirs[id] ?? ''
    mkdirSync(dir, { recursive: true })
    return megabytes === undefined ? [] : [{ dir, megabytes, readOnly }]
  })
  return { dirs, first: Object.values(dirs)[0] ?? '', mounts, config }
}
