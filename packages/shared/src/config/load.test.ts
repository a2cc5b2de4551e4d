import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ConfigError } from './fault.ts'
import { type LoadOptions, loadConfig, readConfig, takeConfigArguments } from './load.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'glance-config-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

function write(name: string, text: string): string {
  const file = join(dir, name)
  writeFileSync(file, text)
  return file
}

function load(text: string, options: LoadOptions = {}): ReturnType<typeof loadConfig> {
  return loadConfig({ files: [write('glance-api.conf', text)], env: {}, ...options })
}

describe('sources', () => {
  test('without a file everything has its default', () => {
    const config = loadConfig({ env: { OS_GLANCE_CONFIG_DIR: dir } })
    expect(config.DEFAULT.image_size_cap).toBe(1099511627776)
    expect(config.DEFAULT.auth_strategy).toBe('standalone')
    expect(config.DEFAULT.bind_host).toBe('127.0.0.1')
    expect(config.jobs.redis_url).toBe('redis://127.0.0.1:6379/0')
    expect(config.DEFAULT.public_endpoint).toBeUndefined()
    expect(config.directory).toBe(dir)
  })

  test('the usual two files are read from the configuration directory, glance-api.conf wins', () => {
    write('glance-image-import.conf', '[DEFAULT]\nlimit_param_default = 5\napi_limit_max = 50\n')
    write('glance-api.conf', '[DEFAULT]\nlimit_param_default = 7\n')
    const config = loadConfig({ env: { OS_GLANCE_CONFIG_DIR: dir } })
    expect(config.DEFAULT.limit_param_default).toBe(7)
    expect(config.DEFAULT.api_limit_max).toBe(50)
    expect(config.files.map((file) => file.slice(dir.length + 1))).toEqual([
      'glance-image-import.conf',
      'glance-api.conf',
    ])
  })

  test('files and directories of the command line', () => {
    const one = write('one.conf', '[DEFAULT]\ndebug = true\nbind_port = 1\n')
    mkdirSync(join(dir, 'd'))
    write('d/20.conf', '[DEFAULT]\nbind_port = 20\n')
    write('d/10.conf', '[DEFAULT]\nbind_port = 10\n')
    write('d/30.txt', '[DEFAULT]\nbind_port = 30\n')
    const config = loadConfig({ argv: ['--config-file', one, '--config-dir', join(dir, 'd')], env: {} })
    expect(config.DEFAULT.debug).toBe(true)
    expect(config.DEFAULT.bind_port).toBe(20)
  })

  test('takes its own arguments and leaves the rest', () => {
    expect(takeConfigArguments(['db', '--config-file=a', '--config-dir', 'b', 'sync', '--config-files'])).toEqual({
      files: ['a'],
      dirs: ['b'],
      rest: ['db', 'sync', '--config-files'],
    })
  })

  test('overrides beat the environment, which beats files, which beat defaults of the program', () => {
    const text = '[DEFAULT]\nbind_port = 3\napi_limit_max = 3\nbind_host = ::1\n'
    const config = load(text, {
      env: { OS_DEFAULT__BIND_PORT: '2', OS_DEFAULT__API_LIMIT_MAX: '2', OS_GLANCE_STORE__STORES: 'file' },
      overrides: { DEFAULT: { bind_port: 1 } },
      defaults: { DEFAULT: { bind_host: '10.0.0.1', image_tag_quota: 4 } },
    })
    expect(config.DEFAULT).toMatchObject({ bind_port: 1, api_limit_max: 2, bind_host: '::1', image_tag_quota: 4 })
    expect(config.stores.map((store) => store.id)).toEqual(['file'])
  })

  test('a repeatable option gathers values from all files; one variable holds several by commas', () => {
    const section = '[oslo_messaging_notifications]\n'
    const files = [write('a.conf', `${section}driver = log\n`), write('b.conf', `${section}driver = messagingv2\n`)]
    expect(loadConfig({ files, env: {} }).oslo_messaging_notifications.driver).toEqual(['log', 'messagingv2'])
    const env = { OS_OSLO_MESSAGING_NOTIFICATIONS__DRIVER: 'noop, test' }
    expect(loadConfig({ files, env }).oslo_messaging_notifications.driver).toEqual(['noop', 'test'])
  })

  test('values refer to other options, to defaults of the program too', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the reference syntax of the file
    const config = load('[DEFAULT]\ndata_dir = /srv\npublic_endpoint = http://${bind_host}:$bind_port\n', {
      defaults: { DEFAULT: { data_dir: '/home' }, glance_store: { filesystem_store_datadir: '$data_dir/images' } },
    })
    expect(config.DEFAULT.public_endpoint).toBe('http://127.0.0.1:9292')
    expect(config.store('file')?.options).toMatchObject({ filesystem_store_datadir: '/srv/images' })
  })

  test('the result cannot be changed', () => {
    const config = load('[DEFAULT]\n')
    expect(Object.isFrozen(config.DEFAULT)).toBe(true)
    expect(Object.isFrozen(config.stores[0]?.options)).toBe(true)
  })
})

describe('faults', () => {
  test('all are listed at once, with place, option, rule and value', () => {
    const file = write(
      'bad.conf',
      '[DEFAULT]\nimage_size_cap = many\nlimit_param_default = 0\nhashing_algorithm = rot13\nnonsense\n[database]\nconnection = oracle://u:hunter2@h/x\n',
    )
    let message = ''
    try {
      loadConfig({ files: [file, join(dir, 'missing.conf')], env: { OS_RPC__PREFETCH: 'none' } })
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError)
      message = String(error)
    }
    expect(message).toContain('7 faults in the configuration')
    expect(message).toContain(`${file}:2: [DEFAULT] image_size_cap must be a number of bytes`)
    expect(message).toContain('given "many"')
    expect(message).toContain(
      `${file}:3: [DEFAULT] limit_param_default must be a whole number of at least 1, given "0"`,
    )
    expect(message).toContain(`${file}:4: [DEFAULT] hashing_algorithm must be one of md5`)
    expect(message).toContain(`${file}:5: must be "key = value"`)
    expect(message).toContain(`missing.conf: the configuration file does not exist`)
    expect(message).toContain('environment variable OS_RPC__PREFETCH: [rpc] prefetch')
    expect(message).toContain(`${file}:7: [database] connection must be a URL of the kind`)
    expect(message).not.toContain('hunter2')
  })

  test('a secret is never shown, neither as a value nor as a broken reference', () => {
    const report = readConfig({
      files: [
        write(
          's.conf',
          '[database]\nconnection = oracle://u:hunter2@h/x\n[keystone_authtoken]\npassword = pa$hunter2\n',
        ),
      ],
      env: {},
    })
    expect(report.faults.map((fault) => fault.option)).toEqual(['connection', 'password'])
    expect(report.config).toBeUndefined()
    expect(JSON.stringify(report)).not.toContain('hunter2')
  })

  test('an option that refers to itself is a fault, not a hang', () => {
    const report = readConfig({
      files: [write('s.conf', '[DEFAULT]\nbind_host = $log_dir\nlog_dir = $bind_host\n')],
      env: {},
    })
    expect(report.faults.map((fault) => fault.option).sort()).toEqual(['bind_host', 'log_dir'])
  })

  test('what the program itself gives must exist', () => {
    const report = readConfig({ env: { OS_GLANCE_CONFIG_DIR: dir }, overrides: { DEFAULT: { bind_prot: 1 } } })
    expect(report.faults).toEqual([
      { where: 'overrides', section: 'DEFAULT', option: 'bind_prot', rule: 'is not an option' },
    ])
  })

  test('a default of the program that named stores make idle is no fault', () => {
    const several = '[DEFAULT]\nenabled_backends = a:file\n[glance_store]\ndefault_backend = a\n'
    const defaults = { glance_store: { filesystem_store_datadir: '/unused' } }
    expect(load(several, { defaults }).notes).toEqual([])
  })

  test('images that do not belong to projects are refused', () => {
    expect(() => load('[DEFAULT]\nowner_is_tenant = false\n')).toThrow(/owner_is_tenant must be true/)
  })
})

describe('identity', () => {
  test('a keystone flavor selects keystone unless auth_strategy says otherwise', () => {
    const flavor = '[paste_deploy]\nflavor = keystone+caching\n'
    expect(load(flavor).DEFAULT.auth_strategy).toBe('keystone')
    expect(load(flavor, { defaults: { DEFAULT: { auth_strategy: 'standalone' } } }).DEFAULT.auth_strategy).toBe(
      'keystone',
    )
    expect(load(`${flavor}[DEFAULT]\nauth_strategy = standalone\n`).DEFAULT.auth_strategy).toBe('standalone')
  })

  test('none is refused on an address that others reach, unless confirmed', () => {
    const open = '[DEFAULT]\nauth_strategy = none\nbind_host = 0.0.0.0\n'
    expect(() => load(open)).toThrow(/auth_strategy must not be none while bind_host is 0.0.0.0/)
    expect(load(`${open}allow_unsafe_none_auth = true\n`).DEFAULT.auth_strategy).toBe('none')
    expect(load('[DEFAULT]\nauth_strategy = none\n').DEFAULT.auth_strategy).toBe('none')
  })

  test('auth_section moves the credentials', () => {
    const config = load(
      '[keystone_authtoken]\nauth_section = svc\nusername = old\n[svc]\nusername = glance\npassword = x\n',
    )
    expect(config.keystone_authtoken.username).toBe('glance')
    expect(config.warnings).toEqual([])
  })
})

describe('warnings', () => {
  test('unknown options and sections name their nearest neighbour', () => {
    const config = load(
      '[DEFAULT]\nimage_siz_cap = 1\ndefault_backend = x\nzzz = 1\n[databaze]\nconnection = x\n[oslo_policy]\nDebug=1\n',
      { env: { OS_DEFAULT__BIND_PROT: '1', OS_USERNAME: 'me' } },
    )
    const [env, ...files] = config.warnings
    expect(env).toBe(
      'environment variable OS_DEFAULT__BIND_PROT: unknown option [DEFAULT] bind_prot; did you mean bind_port?',
    )
    expect(files.map((each) => each.replace(/^.*conf:/, ''))).toEqual([
      '2: unknown option [DEFAULT] image_siz_cap; did you mean image_size_cap?',
      '3: unknown option [DEFAULT] default_backend; it belongs in [glance_store]',
      '4: unknown option [DEFAULT] zzz',
      '6: unknown section [databaze]; did you mean [database]?',
      '8: unknown option [oslo_policy] Debug',
    ])
  })

  test('former names work and are told', () => {
    const config = load('[DEFAULT]\ndisk_formats = raw\n[standalone]\ndata_dir = /srv\n[database]\nidle_timeout = 5\n')
    expect(config.image_format.disk_formats).toEqual(['raw'])
    expect(config.DEFAULT.data_dir).toBe('/srv')
    expect(config.database.connection_recycle_time).toBe(5)
    expect(config.warnings.map((each) => each.replace(/^.*conf:/, ''))).toEqual([
      '6: [database] idle_timeout is a former name of [database] connection_recycle_time',
      '2: [DEFAULT] disk_formats is a former name of [image_format] disk_formats',
    ])
  })

  test('options without effect are noted once, without a warning', () => {
    const config = load('[DEFAULT]\nworkers = 4\nregistry_host = h\n[profiler]\nenabled = true\n[constructor]\nx = 1\n')
    expect(config.notes).toEqual([
      'accepted without effect: [DEFAULT] registry_host, [DEFAULT] workers, [profiler] enabled',
    ])
    expect(config.warnings).toHaveLength(1)
  })
})
