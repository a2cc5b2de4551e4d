import { bool, int, list, string } from '../options.ts'

/** `[paste_deploy]`: only the flavor matters, it says whether Keystone is in use. */
export const PASTE_DEPLOY_OPTIONS = {
  flavor: string('Middleware of the pipeline; one that begins with keystone selects auth_strategy keystone.'),
  config_file: string('Accepted for old files; the pipeline is fixed.'),
} as const

/** `[oslo_middleware]`. */
export const OSLO_MIDDLEWARE_OPTIONS = {
  enable_proxy_headers_parsing: bool('Believes X-Forwarded-* headers, for servers behind a proxy.', { default: false }),
} as const

/** `[healthcheck]`. */
export const HEALTHCHECK_OPTIONS = {
  path: string('Path that answers whether the service works.', { default: '/healthcheck' }),
  detailed: bool('Tells about each part, not only the sum.', { default: false }),
  backends: list('Further checks: disable_by_file, disable_by_files_ports, enable_by_files.', { default: [] }),
  allowed_source_ranges: list('Networks that may see the details.', { default: [] }),
  ignore_proxied_requests: bool('Refuses requests that came through a proxy.', { default: false }),
  disable_by_file_path: string('While this file exists the service says that it is disabled.'),
  disable_by_file_paths: list('port:path pairs of such files.', { default: [] }),
  enable_by_file_paths: list('Files of which one must exist for the service to say that it works.', { default: [] }),
} as const

/** `[cors]`: in force as soon as an origin is allowed. */
export const CORS_OPTIONS = {
  allowed_origin: list('Origins whose pages may call the API; * is every one.', { default: [] }),
  allow_credentials: bool('Lets those pages send credentials.', { default: true }),
  expose_headers: list('Response headers those pages may read.', {
    default: ['X-Image-Meta-Checksum', 'X-Auth-Token', 'X-Subject-Token', 'X-Service-Token', 'X-OpenStack-Request-ID'],
  }),
  max_age: int('Seconds a preflight answer may be kept.', { default: 3600, min: 0 }),
  allow_methods: list('Methods those pages may use.', { default: ['GET', 'PUT', 'POST', 'DELETE', 'PATCH'] }),
  allow_headers: list('Request headers those pages may send.', {
    default: [
      'Content-MD5',
      'X-Image-Meta-Checksum',
      'X-Storage-Token',
      'Accept-Encoding',
      'X-Auth-Token',
      'X-Identity-Status',
      'X-Roles',
      'X-Service-Catalog',
      'X-User-Id',
      'X-Tenant-Id',
      'X-OpenStack-Request-ID',
    ],
  }),
} as const
