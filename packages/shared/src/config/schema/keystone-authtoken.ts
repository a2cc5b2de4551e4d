import { bool, float, int, list, string } from '../options.ts'

/** Credentials of the service itself; `auth_section` may move them to a section of their own. */
export const KEYSTONE_PLUGIN_OPTIONS = {
  auth_url: string('Keystone, as the service itself reaches it.'),
  username: string('User of the service.', { deprecatedNames: [{ name: 'user-name' }, { name: 'user_name' }] }),
  user_id: string('The same user by id.', { deprecatedNames: [{ name: 'user-id' }] }),
  password: string('Password of that user.', { secret: true }),
  user_domain_id: string('Domain of that user, by id.', { deprecatedNames: [{ name: 'user-domain-id' }] }),
  user_domain_name: string('Domain of that user, by name.', { deprecatedNames: [{ name: 'user-domain-name' }] }),
  project_id: string('Project of the service, by id.', { deprecatedNames: [{ name: 'tenant_id' }] }),
  project_name: string('Project of the service, by name.', {
    deprecatedNames: [{ name: 'project-name' }, { name: 'tenant_name' }],
  }),
  project_domain_id: string('Domain of that project, by id.', { deprecatedNames: [{ name: 'project-domain-id' }] }),
  project_domain_name: string('Domain of that project, by name.', {
    deprecatedNames: [{ name: 'project-domain-name' }],
  }),
  default_domain_id: string('Domain for whatever names none, by id.'),
  default_domain_name: string('Domain for whatever names none, by name.'),
  system_scope: string('Scope of the service outside any project.'),
  application_credential_id: string('Application credential in place of user and password, by id.'),
  application_credential_name: string('The same, by name.'),
  application_credential_secret: string('Its secret.', { secret: true }),
} as const

const MEMCACHE_OPTIONS = {
  memcached_servers: list('memcached servers shared as token cache.', {
    default: [],
    deprecatedNames: [{ name: 'memcache_servers' }],
  }),
  token_cache_time: int('Seconds a valid token is remembered; -1 never.', { default: 300, min: -1 }),
  memcache_security_strategy: string('Protection of cached tokens.', {
    default: 'None',
    choices: ['None', 'MAC', 'ENCRYPT'],
  }),
  memcache_secret_key: string('Key of that protection.', { secret: true }),
  memcache_pool_dead_retry: int('Seconds before a dead memcached server is tried again.', { default: 300 }),
  memcache_pool_maxsize: int('Connections to one memcached server.', { default: 10 }),
  memcache_pool_socket_timeout: int('Seconds one memcached call may take.', { default: 3 }),
  memcache_pool_unused_timeout: int('Seconds an idle memcached connection is kept.', { default: 60 }),
  memcache_pool_conn_get_timeout: int('Seconds to wait for a memcached connection.', { default: 10 }),
  memcache_use_advanced_pool: bool('Accepted for old files.', { default: true }),
  memcache_sasl_enabled: bool('Authenticates to memcached.', { default: false }),
} as const

/** `[keystone_authtoken]`: how tokens are checked at Keystone. */
export const KEYSTONE_AUTHTOKEN_OPTIONS = {
  www_authenticate_uri: string('Keystone, as callers reach it.', { deprecatedNames: [{ name: 'auth_uri' }] }),
  auth_type: string('Kind of the credentials below: password or v3applicationcredential.', {
    deprecatedNames: [{ name: 'auth_plugin' }],
  }),
  auth_section: string('Section that holds the credentials instead.'),
  auth_version: string('Version of the Identity API.'),
  interface: string('Endpoint of Keystone to use.', { default: 'internal', choices: ['internal', 'public', 'admin'] }),
  region_name: string('Region of that endpoint.'),
  service_type: string('Type under which this service stands in the catalog.'),
  delay_auth_decision: bool('Lets requests without a valid token reach the service.', { default: false }),
  http_connect_timeout: float('Seconds one call to Keystone may take.', { min: 0 }),
  http_request_max_retries: int('Further tries of such a call.', { default: 3, min: 0 }),
  cafile: string('Authorities that may sign the certificate of Keystone (PEM).'),
  certfile: string('Client certificate (PEM).'),
  keyfile: string('Key of that certificate (PEM).'),
  insecure: bool('Does not check the certificate of Keystone.', { default: false }),
  cache: string('Accepted for old files.'),
  include_service_catalog: bool('Asks for the catalog of each token.', { default: true }),
  enforce_token_bind: string('How tokens bound to a client are treated.', {
    default: 'permissive',
    choices: ['disabled', 'permissive', 'strict', 'required'],
  }),
  service_token_roles: list('Roles of which a service token must have one.', { default: ['service'] }),
  service_token_roles_required: bool('Refuses service tokens without one of those roles.', { default: false }),
  ...MEMCACHE_OPTIONS,
  ...KEYSTONE_PLUGIN_OPTIONS,
} as const
