import { dict, int, list, ports, string } from '../options.ts'

/** `[image_import_opts]`. */
export const IMAGE_IMPORT_OPTIONS = {
  image_import_plugins: list('Steps between staging and store, in this order.', {
    default: [],
    choices: ['no_op', 'image_decompression', 'image_conversion', 'inject_image_metadata'],
  }),
  max_parallel_stores: int('Stores one import writes to at the same time.', { default: 1, min: 1 }),
} as const

/** `[import_filtering_opts]`: where web-download may go; an allowed list wins over its disallowed one. */
export const IMPORT_FILTERING_OPTIONS = {
  allowed_schemes: list('URL schemes allowed.', { default: ['http', 'https'] }),
  disallowed_schemes: list('URL schemes refused when none is allowed by name.', { default: [] }),
  allowed_hosts: list('Hosts allowed; all when empty.', { default: [] }),
  disallowed_hosts: list('Hosts refused when none is allowed by name.', { default: [] }),
  allowed_ports: ports('Ports allowed.', { default: [80, 443] }),
  disallowed_ports: ports('Ports refused when none is allowed by number.', { default: [] }),
} as const

/** `[image_conversion]`. */
export const IMAGE_CONVERSION_OPTIONS = {
  output_format: string('Format into which imported images are converted.', {
    default: 'raw',
    choices: ['raw', 'qcow2', 'vmdk'],
  }),
} as const

/** `[inject_metadata_properties]`. */
export const INJECT_METADATA_OPTIONS = {
  ignore_user_roles: list('Callers with one of these roles import without injected properties.', {
    default: ['admin'],
  }),
  inject: dict('Properties given to every imported image.', { default: {} }),
} as const

/** `[glance_download_properties]`. */
export const GLANCE_DOWNLOAD_OPTIONS = {
  extra_properties: list('Beginnings of the property names that glance-download copies.', {
    default: ['hw_', 'trait:', 'os_distro', 'os_secure_boot', 'os_type'],
  }),
} as const
