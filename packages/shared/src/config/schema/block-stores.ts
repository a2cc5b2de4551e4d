import { bool, int, multi, string } from '../options.ts'

/** Options of an `rbd` store. */
export const RBD_STORE_OPTIONS = {
  rbd_store_chunk_size: int('Megabytes of one RADOS object.', { default: 8, min: 1 }),
  rbd_store_pool: string('Pool of the images.', { default: 'images' }),
  rbd_store_user: string('cephx user.'),
  rbd_store_ceph_conf: string('Path of ceph.conf; the usual places when empty.', { default: '' }),
  rados_connect_timeout: int('Seconds to wait for the cluster; negative leaves it to librados.', { default: -1 }),
  rbd_thin_provisioning: bool('Leaves holes where an image has only zeros.', { default: false }),
} as const

/** Options of a `cinder` store. */
export const CINDER_STORE_OPTIONS = {
  cinder_catalog_info: string('service_type:service_name:endpoint_type in the catalog.', {
    default: 'volumev3::publicURL',
  }),
  cinder_endpoint_template: string('URL that replaces the endpoint of the catalog.'),
  cinder_os_region_name: string('Region of the endpoint.', { deprecatedNames: [{ name: 'os_region_name' }] }),
  cinder_ca_certificates_file: string('Authorities that may sign the server certificate (PEM).'),
  cinder_http_retries: int('Further tries of a call.', { default: 3, min: 0 }),
  cinder_state_transition_timeout: int('Seconds a volume may take to change its state.', { default: 300, min: 0 }),
  cinder_api_insecure: bool('Does not check server certificates.', { default: false }),
  cinder_store_auth_address: string('Keystone of the account that owns the volumes.'),
  cinder_store_user_name: string('User of that account.'),
  cinder_store_password: string('Password of that user.', { secret: true }),
  cinder_store_project_name: string('Project of that account.'),
  cinder_store_user_domain_name: string('Domain of the user.', { default: 'Default' }),
  cinder_store_project_domain_name: string('Domain of the project.', { default: 'Default' }),
  cinder_store_application_credential_id: string('Application credential in their place.'),
  cinder_store_application_credential_secret: string('Its secret.', { secret: true }),
  rootwrap_config: string('Configuration of the command that gains privileges.', {
    default: '/etc/glance/rootwrap.conf',
  }),
  cinder_volume_type: string('Type of the volumes.'),
  cinder_enforce_multipath: bool('Refuses to attach without multipath.', { default: false }),
  cinder_use_multipath: bool('Attaches over several paths.', { default: false }),
  cinder_mount_point_base: string('Directory under which NFS volumes are mounted.', { default: '/var/lib/glance/mnt' }),
  cinder_do_extend_attached: bool('Extends volumes while they are attached.', { default: false }),
  cinder_attachment_retry_attempts: int('Tries of an attachment.', { default: 5, min: 1 }),
} as const

/** Options of a `vmware` store. */
export const VMWARE_STORE_OPTIONS = {
  vmware_server_host: string('vCenter or ESX host.', { required: true }),
  vmware_server_username: string('User there.', { required: true }),
  vmware_server_password: string('Password of that user.', { required: true, secret: true }),
  vmware_api_retry_count: int('Further tries of a call.', { default: 10, min: 1 }),
  vmware_task_poll_interval: int('Seconds between two looks at a running task.', { default: 5, min: 1 }),
  vmware_store_image_dir: string('Directory of the images on a datastore.', { default: '/openstack_glance' }),
  vmware_insecure: bool('Does not check the server certificate.', { default: false }),
  vmware_ca_file: string('Authorities that may sign the server certificate (PEM).'),
  vmware_datastores: multi('Datastores as datacenter:datastore[:weight].', { required: true }),
} as const

/** Options of a `gridfs` store. */
export const GRIDFS_STORE_OPTIONS = {
  mongodb_store_uri: string('MongoDB, as mongodb://user:password@host/.', { required: true, secret: true }),
  mongodb_store_db: string('Database of the images.', { default: 'glance' }),
} as const
