import type { OptionTable, SectionValues } from '../options.ts'
import { API_BYTES_OPTIONS, WORKER_OPTIONS } from './byte-plane.ts'
import { DATABASE_OPTIONS } from './database.ts'
import { API_OPTIONS, CACHE_OPTIONS, LISTEN_OPTIONS, TRANSFER_OPTIONS } from './default-api.ts'
import { GLANCE_STORE_OPTIONS, STAGING_STORE_OPTIONS, TASKS_STORE_OPTIONS } from './glance-store.ts'
import { CORS_OPTIONS, HEALTHCHECK_OPTIONS, OSLO_MIDDLEWARE_OPTIONS, PASTE_DEPLOY_OPTIONS } from './http-middleware.ts'
import { IMAGE_FORMAT_OPTIONS } from './image-format.ts'
import {
  GLANCE_DOWNLOAD_OPTIONS,
  IMAGE_CONVERSION_OPTIONS,
  IMAGE_IMPORT_OPTIONS,
  IMPORT_FILTERING_OPTIONS,
  INJECT_METADATA_OPTIONS,
} from './import.ts'
import { JOBS_OPTIONS, REGISTRY_OPTIONS } from './jobs.ts'
import { KEYSTONE_AUTHTOKEN_OPTIONS } from './keystone-authtoken.ts'
import { LOGGING_OPTIONS } from './logging.ts'
import { BROKER_OPTIONS, NOTIFICATION_OPTIONS, RABBIT_OPTIONS, RPC_OPTIONS } from './messaging.ts'
import { OSLO_POLICY_OPTIONS } from './policy.ts'
import { STANDALONE_OPTIONS } from './standalone.ts'
import { TASK_OPTIONS, WSGI_OPTIONS } from './task.ts'

/** Every section with a fixed name, in the order of the sample; sections of stores come on top of these. */
export const SECTIONS = {
  DEFAULT: {
    ...LISTEN_OPTIONS,
    ...API_OPTIONS,
    ...TRANSFER_OPTIONS,
    ...CACHE_OPTIONS,
    ...LOGGING_OPTIONS,
    ...BROKER_OPTIONS,
  },
  database: DATABASE_OPTIONS,
  glance_store: GLANCE_STORE_OPTIONS,
  os_glance_staging_store: STAGING_STORE_OPTIONS,
  os_glance_tasks_store: TASKS_STORE_OPTIONS,
  image_format: IMAGE_FORMAT_OPTIONS,
  image_import_opts: IMAGE_IMPORT_OPTIONS,
  import_filtering_opts: IMPORT_FILTERING_OPTIONS,
  image_conversion: IMAGE_CONVERSION_OPTIONS,
  inject_metadata_properties: INJECT_METADATA_OPTIONS,
  glance_download_properties: GLANCE_DOWNLOAD_OPTIONS,
  task: TASK_OPTIONS,
  wsgi: WSGI_OPTIONS,
  keystone_authtoken: KEYSTONE_AUTHTOKEN_OPTIONS,
  oslo_policy: OSLO_POLICY_OPTIONS,
  paste_deploy: PASTE_DEPLOY_OPTIONS,
  oslo_middleware: OSLO_MIDDLEWARE_OPTIONS,
  healthcheck: HEALTHCHECK_OPTIONS,
  cors: CORS_OPTIONS,
  oslo_messaging_notifications: NOTIFICATION_OPTIONS,
  oslo_messaging_rabbit: RABBIT_OPTIONS,
  jobs: JOBS_OPTIONS,
  rpc: RPC_OPTIONS,
  worker: WORKER_OPTIONS,
  api: API_BYTES_OPTIONS,
  registry: REGISTRY_OPTIONS,
  standalone: STANDALONE_OPTIONS,
} as const satisfies Readonly<Record<string, OptionTable>>

export type SectionName = keyof typeof SECTIONS

/** The resolved values of every section with a fixed name. */
export type SectionsOf = { readonly [S in SectionName]: SectionValues<(typeof SECTIONS)[S]> }
