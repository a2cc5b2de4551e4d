import { bool, dict, int, list, parsed, size, string } from '../options.ts'

/** glance has owned images by project only since its second API; a file that says otherwise cannot be obeyed. */
function requireTenantOwner(text: string): true {
  if (/^(true|1|yes|on)$/i.test(text)) return true
  throw new Error('must be true or absent: images belong to projects')
}

/** `[DEFAULT]`: where the API listens and who may call it. */
export const LISTEN_OPTIONS = {
  auth_strategy: string(
    'Who says who a caller is: Keystone, the built-in identity, or nobody (every caller is admin).',
    {
      default: 'standalone',
      choices: ['keystone', 'standalone', 'none'],
    },
  ),
  allow_unsafe_none_auth: bool('Allows auth_strategy = none on an address that other machines can reach.', {
    default: false,
  }),
  bind_host: string('Address on which the REST API listens.', { default: '127.0.0.1' }),
  bind_port: int('Port on which the REST API listens; 0 takes any free port.', { default: 9292, min: 0, max: 65535 }),
  data_dir: string('Directory below which a standalone server keeps everything it owns.', {
    deprecatedNames: [{ section: 'standalone', name: 'data_dir', isAlias: true }],
  }),
  public_endpoint: string('Base of the links in version documents when it differs from what callers ask for.'),
  worker_self_reference_url: string('URL at which the other API servers reach this one.'),
  allow_anonymous_access: bool('Lets callers without a token read public images.', { default: false }),
  max_request_id_length: int('Longest request id accepted from a caller.', { default: 64, min: 0 }),
} as const

/** `[DEFAULT]`: limits and visible behaviour of the Images API. */
export const API_OPTIONS = {
  limit_param_default: int('Page size when a list request names none.', { default: 25, min: 1 }),
  api_limit_max: int('Largest page a list request can get.', { default: 1000, min: 1 }),
  show_image_direct_url: bool('Shows the store URL of an image as direct_url.', { default: false }),
  show_multiple_locations: bool('Shows the locations of an image and lets PATCH change them.', { default: false }),
  hashing_algorithm: string('Algorithm of os_hash_value, by its hashlib name.', {
    default: 'sha512',
    choices: [
      'md5',
      'sha1',
      'sha224',
      'sha256',
      'sha384',
      'sha512',
      'sha3_224',
      'sha3_256',
      'sha3_384',
      'sha3_512',
      'blake2b',
      'blake2s',
    ],
  }),
  do_secure_hash: bool('Hashes the data of locations that callers add.', { default: true }),
  http_retries: int('Tries of that hashing.', { default: 3, min: 0 }),
  image_size_cap: size('Largest image in bytes.', { default: 1099511627776, min: 1 }),
  image_member_quota: int('Members of one image; negative is unlimited.', { default: 128 }),
  image_property_quota: int('Properties of one image; negative is unlimited.', { default: 128 }),
  image_tag_quota: int('Tags of one image; negative is unlimited.', { default: 128 }),
  image_location_quota: int('Locations of one image; negative is unlimited.', { default: 10 }),
  user_storage_quota: size('Bytes one project may store, with an optional unit; 0 is unlimited.', { default: 0 }),
  use_keystone_limits: bool('Takes quotas from Keystone unified limits instead.', { default: false }),
  property_protection_file: string('File of rules saying who may touch which property.'),
  property_protection_rule_format: string('What that file names: roles or policy rules.', {
    default: 'roles',
    choices: ['roles', 'policies'],
  }),
  metadata_source_path: string('Directory of metadata definitions that can be loaded.', {
    default: '/etc/glance/metadefs/',
  }),
  owner_is_tenant: parsed('Images belong to projects; no other value is possible.', requireTenantOwner, {
    default: 'true',
  }),
} as const

/** `[DEFAULT]`: stores, staging, import and the leases that guard a transfer. */
export const TRANSFER_OPTIONS = {
  enabled_backends: dict('Stores as id:type pairs; naming any turns several stores on.'),
  node_staging_uri: string('Where staged data waits when only one store is configured.', {
    default: 'file:///tmp/staging/',
  }),
  enabled_import_methods: list('Import methods on offer; an empty list turns import off.', {
    default: ['glance-direct', 'web-download', 'copy-image'],
    choices: ['glance-direct', 'web-download', 'copy-image', 'glance-download'],
  }),
  upload_wait: int('Seconds an upload waits for a store worker before it is refused.', { default: 30, min: 1 }),
  transfer_lease: int(
    'Seconds after which a transfer that shows no sign of life is undone, and after which jobs that a queue lost are given to it again.',
    { default: 60, min: 2 },
  ),
  metadata_encryption_key: string('AES key that encrypts location URLs in the database.', { secret: true }),
  delayed_delete: bool('Keeps the bytes of deleted images until the scrubber comes.', { default: false }),
  scrub_time: int('Seconds between deletion and scrubbing.', { default: 0, min: 0 }),
  scrub_pool_size: int('Images the scrubber deletes at the same time.', { default: 1, min: 1 }),
  digest_algorithm: string('Digest used in checking image signatures.', { default: 'sha256' }),
} as const

/** `[DEFAULT]`: the cache of images beside the API. */
export const CACHE_OPTIONS = {
  image_cache_dir: string('Directory of the image cache; naming one turns the cache on.'),
  image_cache_driver: string('Where the cache keeps its index.', {
    default: 'centralized_db',
    choices: ['centralized_db', 'sqlite', 'xattr'],
  }),
  image_cache_sqlite_db: string('File of the sqlite index, inside the cache directory.', { default: 'cache.db' }),
  image_cache_max_size: size('Bytes that pruning leaves in the cache.', { default: 10737418240, min: 0 }),
  image_cache_stall_time: int('Seconds before an incomplete cache file counts as abandoned.', {
    default: 86400,
    min: 0,
  }),
} as const
