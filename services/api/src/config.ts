import type { Config } from '@glance/shared/config/config'
import type { ApiConfig } from './parts.ts'

/** Room for the largest sensible set of properties; more is no metadata. Bytes. */
const JSON_BODY_LIMIT = 8 * 1024 * 1024
/** As long as the reference service waited for a silent client. Seconds. */
const UPLOAD_IDLE = 900

/** What an operator's configuration means to the REST gateway. */
export function apiConfig(config: Config): ApiConfig {
  const { DEFAULT: api, image_format: formats } = config
  return {
    ...(api.public_endpoint === undefined ? {} : { publicEndpoint: api.public_endpoint }),
    enableProxyHeaders: config.oslo_middleware.enable_proxy_headers_parsing,
    maxRequestIdLength: api.max_request_id_length,
    limitDefault: api.limit_param_default,
    limitMax: api.api_limit_max,
    jsonBodyLimit: JSON_BODY_LIMIT,
    imageSizeCap: api.image_size_cap,
    diskFormats: formats.disk_formats,
    containerFormats: formats.container_formats,
    multistore: config.multistore,
    stores: config.stores.map(({ id, description, isDefault, type }) => ({
      id,
      ...(description === undefined ? {} : { description }),
      isDefault,
      readOnly: type === 'http',
    })),
    enabledImportMethods: api.enabled_import_methods,
    imageCacheEnabled: api.image_cache_dir !== undefined,
    showImageDirectUrl: api.show_image_direct_url,
    showMultipleLocations: api.show_multiple_locations,
    uploadWait: api.upload_wait,
    uploadIdle: UPLOAD_IDLE,
  }
}
