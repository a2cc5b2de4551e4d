import { bool, int, list, string } from '../options.ts'

/** Options of an `s3` store. */
export const S3_STORE_OPTIONS = {
  s3_store_host: string('Server, as https://host or host:port.', { required: true }),
  s3_store_region_name: string('Region of the bucket.', { default: '' }),
  s3_store_access_key: string('Access key.', { required: true, secret: true }),
  s3_store_secret_key: string('Secret key.', { required: true, secret: true }),
  s3_store_bucket: string('Bucket of the images.', { required: true }),
  s3_store_create_bucket_on_put: bool('Creates the bucket when it is missing.', { default: false }),
  s3_store_bucket_url_format: string('Whether the bucket stands in the host or in the path.', {
    default: 'auto',
    choices: ['auto', 'virtual', 'path'],
  }),
  s3_store_large_object_size: int('Megabytes from which on an upload goes in parts.', { default: 100, min: 0 }),
  s3_store_large_object_chunk_size: int('Megabytes of one part.', { default: 10, min: 5 }),
  s3_store_thread_pools: int('Parts sent at the same time.', { default: 10, min: 1 }),
  s3_store_cacert: string('Authorities that may sign the server certificate (PEM).', { default: '' }),
  s3_store_enable_data_integrity_protection: bool('Sends and checks checksums.', { default: false }),
  s3_store_request_checksum_calculation: string('When checksums are sent.', {
    default: 'when_required',
    choices: ['when_required', 'when_supported'],
  }),
  s3_store_response_checksum_validation: string('When checksums are checked.', {
    default: 'when_required',
    choices: ['when_required', 'when_supported'],
  }),
} as const

/** Options of a `swift` store. */
export const SWIFT_STORE_OPTIONS = {
  default_swift_reference: string('Section of the file below that is used.', { default: 'ref1' }),
  swift_store_config_file: string('File of account references.'),
  swift_store_auth_version: string('Version of the Identity API.', { default: '3' }),
  swift_store_auth_address: string('Keystone of the account.'),
  swift_store_user: string('project:user of the account.'),
  swift_store_key: string('Password of that user.', { secret: true }),
  swift_store_application_credential_id: string('Application credential in their place.'),
  swift_store_application_credential_secret: string('Its secret.', { secret: true }),
  swift_store_project_name: string('Project of the account, by name.'),
  swift_store_project_id: string('Project of the account, by id.'),
  swift_store_project_domain_name: string('Domain of that project, by name.'),
  swift_store_project_domain_id: string('Domain of that project, by id.'),
  swift_store_user_domain_name: string('Domain of the user, by name.'),
  swift_store_user_domain_id: string('Domain of the user, by id.'),
  swift_store_auth_insecure: bool('Does not check server certificates.', { default: false }),
  swift_store_cacert: string('Authorities that may sign a server certificate (PEM).'),
  swift_store_region: string('Region of the endpoint.'),
  swift_store_endpoint: string('URL that replaces the endpoint of the catalog.'),
  swift_store_endpoint_type: string('Which endpoint of the catalog is used.', { default: 'publicURL' }),
  swift_store_service_type: string('Service type in the catalog.', { default: 'object-store' }),
  swift_store_container: string('Container of the images, or the beginning of its name.', { default: 'glance' }),
  swift_store_multiple_containers_seed: int(
    'Digits of the image id that choose among containers; 0 is one container.',
    {
      default: 0,
      min: 0,
      max: 32,
    },
  ),
  swift_store_large_object_size: int('Megabytes from which on an image is stored in segments.', {
    default: 5120,
    min: 1,
  }),
  swift_store_large_object_chunk_size: int('Megabytes of one segment.', { default: 200, min: 1 }),
  swift_store_create_container_on_put: bool('Creates the container when it is missing.', { default: false }),
  swift_store_multi_tenant: bool("Stores images in the user's own project.", { default: false }),
  swift_store_admin_tenants: list('Projects that may read every image.', { default: [] }),
  swift_store_ssl_compression: bool('Accepted for old files.', { default: true }),
  swift_store_retry_get_count: int('Further tries of a broken download.', { default: 0, min: 0 }),
  swift_store_expire_soon_interval: int('Seconds before its end at which a token is renewed.', { default: 60, min: 0 }),
  swift_store_use_trusts: bool('Renews tokens of long uploads by a trust.', { default: true }),
  swift_buffer_on_upload: bool('Keeps a segment on disk while it is sent.', { default: false }),
  swift_upload_buffer_dir: string('Directory for that.'),
} as const
