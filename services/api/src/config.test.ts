import { loadConfig } from '@glance/shared/config/load'
import { expect, test } from 'vitest'
import { apiConfig } from './config.ts'

const load = (overrides: Record<string, Record<string, string>>) =>
  apiConfig(loadConfig({ env: { OS_GLANCE_CONFIG_DIR: '/nonexistent' }, overrides }))

test('one store, with the defaults of the reference service', () => {
  expect(load({})).toMatchObject({
    maxRequestIdLength: 64,
    limitDefault: 25,
    limitMax: 1000,
    imageSizeCap: 1099511627776,
    multistore: false,
    stores: [
      { id: 'file', isDefault: true, readOnly: false },
      { id: 'http', isDefault: false, readOnly: true },
    ],
    imageCacheEnabled: false,
    uploadWait: 30,
  })
  expect(load({})).not.toHaveProperty('publicEndpoint')
})

test('several stores, as an operator describes them', () => {
  const config = load({
    DEFAULT: { enabled_backends: 'fast:file, web:http', public_endpoint: 'https://cloud', image_cache_dir: '/cache' },
    glance_store: { default_backend: 'fast' },
    fast: { store_description: 'quick disks', filesystem_store_datadir: '/fast' },
    oslo_middleware: { enable_proxy_headers_parsing: 'true' },
  })
  expect(config).toMatchObject({
    publicEndpoint: 'https://cloud',
    enableProxyHeaders: true,
    imageCacheEnabled: true,
    multistore: true,
    stores: [
      { id: 'fast', description: 'quick disks', isDefault: true, readOnly: false },
      { id: 'web', isDefault: false, readOnly: true },
    ],
  })
})
