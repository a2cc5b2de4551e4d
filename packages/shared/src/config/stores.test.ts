import { expect, test } from 'vitest'
import { buildConfig, type ConfigReport } from './config.ts'
import { parseIni } from './ini.ts'
import { environmentLayer, fileLayer } from './layers.ts'

function build(text: string, env: Record<string, string> = {}): ConfigReport {
  const layers = [environmentLayer(env), fileLayer([parseIni(text, 'c')])]
  return buildConfig(layers, { directory: '/etc', files: ['c'], faults: [] })
}

function faultsOf(text: string): string[] {
  return build(text).faults.map((fault) => `${fault.where} ${fault.option} ${fault.rule} ${fault.given ?? ''}`.trim())
}

// What an operator's working file looks like, all of it to be accepted unchanged.
const OPERATOR_FILE = `
[DEFAULT]
enabled_backends = ceph:rbd, dir:file
enabled_import_methods = [glance-direct,web-download]
worker_self_reference_url = http://node1:9292
[glance_store]
default_backend = ceph
[ceph]
rbd_store_pool = cloud
store_description = Fast and safe
weight = 10
[dir]
filesystem_store_datadir = /srv/images
[os_glance_staging_store]
filesystem_store_datadir = /srv/staging
[database]
connection = mysql+pymysql://glance:secret@db/glance?charset=utf8
[keystone_authtoken]
www_authenticate_uri = http://keystone:5000
auth_url = http://keystone:5000
memcached_servers = localhost:11211
auth_type = password
project_domain_name = Default
user_domain_name = Default
project_name = service
username = glance
password = secret
[paste_deploy]
flavor = keystone
[oslo_messaging_notifications]
driver = messagingv2
`

test('an operator file with several stores is accepted without a word', () => {
  const { config, faults, warnings, notes } = build(OPERATOR_FILE)
  expect({ faults, warnings, notes }).toEqual({ faults: [], warnings: [], notes: [] })
  expect(config?.multistore).toBe(true)
  expect(config?.DEFAULT.auth_strategy).toBe('keystone')
  expect(config?.DEFAULT.enabled_import_methods).toEqual(['glance-direct', 'web-download'])
  expect(config?.database.connection).toMatchObject({ provider: 'mysql', host: 'db' })
  expect(config?.stores.map(({ id, type, isDefault, weight }) => ({ id, type, isDefault, weight }))).toEqual([
    { id: 'ceph', type: 'rbd', isDefault: true, weight: 10 },
    { id: 'dir', type: 'file', isDefault: false, weight: 0 },
  ])
  const ceph = config?.store('ceph')
  expect(ceph?.description).toBe('Fast and safe')
  expect(ceph?.type === 'rbd' && ceph.options.rbd_store_pool).toBe('cloud')
  expect(config?.reserved.staging.options.filesystem_store_datadir).toBe('/srv/staging')
  expect(config?.store('os_glance_tasks_store')?.options).toMatchObject({
    filesystem_store_datadir: '/var/lib/glance/os_glance_tasks_store',
  })
  expect(config?.store('other')).toBeUndefined()
})

test('stores share what backend_defaults sets, and their own section and the environment win', () => {
  const text = `
[DEFAULT]
enabled_backends = Fast:file, cheap:file
[glance_store]
default_backend = cheap
[backend_defaults]
filesystem_store_chunk_size = 11
filesystem_store_fsync = false
[fast]
filesystem_store_chunk_size = 22
`
  const { config, faults } = build(text, { OS_CHEAP__FILESYSTEM_STORE_DATADIR: '/cheap' })
  expect(faults).toEqual([])
  expect(config?.store('Fast')?.options).toMatchObject({
    filesystem_store_chunk_size: 22,
    filesystem_store_fsync: false,
  })
  expect(config?.store('cheap')?.options).toMatchObject({
    filesystem_store_chunk_size: 11,
    filesystem_store_datadir: '/cheap',
  })
})

test('what shared values get wrong is told once, in the words of the file', () => {
  const text = `
[DEFAULT]
enabled_backends = a:file, b:file
bind_host = hunter2
[glance_store]
default_backend = a
[backend_defaults]
filesystem_store_chunk_size = $bind_host
`
  expect(faultsOf(text)).toEqual(['c:8 filesystem_store_chunk_size must be a whole number of at least 1 $bind_host'])
})

test('without enabled_backends stores are named by their type and read glance_store', () => {
  const text = `
[DEFAULT]
node_staging_uri = file:///srv/my%20staging/
[glance_store]
stores = file, http
default_store = filesystem
filesystem_store_datadir = /srv/images
filesystem_store_file_perm = 640
`
  const { config, faults, warnings } = build(text)
  expect({ faults, warnings }).toEqual({ faults: [], warnings: [] })
  expect(config?.multistore).toBe(false)
  expect(config?.stores.map((store) => [store.id, store.type, store.isDefault])).toEqual([
    ['file', 'file', true],
    ['http', 'http', false],
  ])
  expect(config?.store('file')?.options).toMatchObject({
    filesystem_store_datadir: '/srv/images',
    filesystem_store_file_perm: 0o640,
  })
  expect(config?.reserved.staging.options.filesystem_store_datadir).toBe('/srv/my staging/')
})

test('every wrong store is a fault', () => {
  const wrong = 'os_glance_x:file, database:file, a/b:file, b:floppy, c:s3'
  expect(faultsOf(`[DEFAULT]\nenabled_backends = ${wrong}\n`)).toEqual([
    'c:2 enabled_backends must not name a store os_glance_…, which is reserved os_glance_x',
    'c:2 enabled_backends must not name a store database, which is a section of its own database',
    'c:2 enabled_backends must name stores by letters, digits, "_", "." and "-" a/b',
    'c:2 enabled_backends must give each store a type of file, http, rbd, s3, swift, cinder, vmware, gridfs b:floppy',
    'configuration s3_store_host must be set',
    'configuration s3_store_access_key must be set',
    'configuration s3_store_secret_key must be set',
    'configuration s3_store_bucket must be set',
    'configuration default_backend must be one of the stores of enabled_backends',
  ])
})

test('the default must be one of the stores', () => {
  expect(faultsOf('[DEFAULT]\nenabled_backends = fast:file\n[glance_store]\ndefault_backend = fats\n')).toEqual([
    'c:4 default_backend must be one of the stores of enabled_backends fats',
  ])
  expect(faultsOf('[DEFAULT]\nenabled_backends = ceph1:file\n[glance_store]\ndefault_backend = ceph2\n')).toEqual([
    'c:4 default_backend must be one of the stores of enabled_backends (perhaps ceph1) ceph2',
  ])
  expect(faultsOf('[glance_store]\nstores = http, floppy\n')).toEqual([
    'c:2 stores must list only file, http, rbd, s3, swift, cinder, vmware, gridfs floppy',
    'configuration default_store must be one of the stores listed in stores file',
  ])
  expect(faultsOf('[DEFAULT]\nnode_staging_uri = /tmp/x\n')).toEqual([
    'c:2 node_staging_uri must be a file:///directory URL /tmp/x',
  ])
})

test('driver options in the wrong place are noted, strangers in a store section are warned about', () => {
  const text = `
[DEFAULT]
enabled_backends = fast:file
[glance_store]
default_backend = fast
filesystem_store_datadir = /srv
[fast]
rbd_store_pool = x
filesystem_store_datadri = /srv
`
  const { notes, warnings } = build(text)
  expect(notes).toEqual(['accepted without effect: [glance_store] filesystem_store_datadir'])
  expect(warnings).toEqual([
    'c:8: unknown option [fast] rbd_store_pool',
    'c:9: unknown option [fast] filesystem_store_datadri; did you mean filesystem_store_datadir?',
  ])
})
