import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Config } from '@glance/shared/config/config'
import { loadConfig } from '@glance/shared/config/load'
import { silentLog } from '@glance/shared/log/silent'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { databaseOptions, loadPolicy, registrySettings } from './config.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'glance-config-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

function configOf(text: string): Config {
  const file = join(dir, 'glance-api.conf')
  writeFileSync(file, text)
  return loadConfig({ files: [file], env: {} })
}

const READER = { requestId: 'r', userId: 'u', projectId: 'p', roles: ['reader'], serviceRoles: [], readOnly: false }

describe('loadPolicy', () => {
  it('takes the defaults when nobody wrote a file', () => {
    expect(loadPolicy(configOf('')).allows('add_image', READER, { owner: 'p' })).toBe(false)
  })

  it('puts the file, then those of the directories in order, over the defaults', () => {
    writeFileSync(join(dir, 'policy.yaml'), '"add_image": "role:reader"\n"delete_image": "role:reader"\n')
    mkdirSync(join(dir, 'policy.d'))
    writeFileSync(join(dir, 'policy.d', '1.yaml'), '"delete_image": "!"\n')
    const policy = loadPolicy(configOf(''))
    expect(policy.allows('add_image', READER, {})).toBe(true)
    expect(policy.allows('delete_image', READER, {})).toBe(false)
  })

  it('misses a file that the operator named', () => {
    expect(() => loadPolicy(configOf('[oslo_policy]\npolicy_file = mine.yaml\n'))).toThrow(/mine\.yaml cannot be read/)
  })

  it('names the file and the rule that do not parse', () => {
    writeFileSync(join(dir, 'policy.yaml'), '"add_image": "role:reader and"\n')
    expect(() => loadPolicy(configOf(''))).toThrow(/add_image/)
  })
})

describe('registrySettings', () => {
  it('speaks in the units the registry works with', () => {
    const settings = registrySettings(
      configOf(`[DEFAULT]
image_size_cap = 1000
transfer_lease = 7
upload_wait = 3
image_tag_quota = 5
enabled_backends = fast:file, cheap:file
[glance_store]
default_backend = cheap
[fast]
filesystem_store_datadir = ${dir}
weight = 9
[cheap]
filesystem_store_datadir = ${dir}
[registry]
sweep_interval = 0.5
`),
    )
    expect(settings).toMatchObject({
      imageSizeCap: 1000,
      leaseSeconds: 7,
      uploadWaitSeconds: 3,
      sweepIntervalMs: 500,
      limits: { tags: 5 },
      stores: [
        { id: 'fast', weight: 9, isDefault: false },
        { id: 'cheap', weight: 0, isDefault: true },
      ],
    })
  })
})

describe('databaseOptions', () => {
  it('bounds the pool and tells of statements only when asked to', () => {
    expect(databaseOptions(configOf('[database]\nmax_pool_size = 2\nmax_overflow = 3\n'), silentLog)).toEqual({
      maxConnections: 5,
      idleSeconds: 3600,
      sqlMode: 'TRADITIONAL',
    })
    const log = { ...silentLog, debug: vi.fn() }
    const { onStatement } = databaseOptions(configOf('[DEFAULT]\ndebug = true\n'), log)
    onStatement?.({ sql: 'SELECT\n  1', ms: 1.23456, rows: 1 })
    expect(log.debug).toHaveBeenCalledWith({ sql: 'SELECT 1', ms: 1.235, rows: 1 }, 'database statement')
  })
})
