import type { TypedClient } from '@glance/shared/bus/client'
import type { RegistryRpc } from '@glance/shared/contracts/registry-rpc'
import type { StoreRpc } from '@glance/shared/contracts/store-rpc'
import type { Log } from '@glance/shared/log'
import type { DownloadDesk, UploadDesk } from './bytes/desk.ts'
import type { Identity } from './identity/identity.ts'

/** A store as clients learn of it; the reserved ones are never among them. */
export interface StoreInfo {
  readonly id: string
  readonly description?: string
  readonly isDefault: boolean
  /** True for stores that take no data (http). */
  readonly readOnly: boolean
}

/** Everything configurable about the REST gateway, as plain values. */
export interface ApiConfig {
  /** Base of absolute links; the request's own scheme and host when left out. */
  readonly publicEndpoint?: string
  /** Believe X-Forwarded-Proto, -Host and -For. */
  readonly enableProxyHeaders: boolean
  /** Longest X-Openstack-Request-ID taken over, in characters. */
  readonly maxRequestIdLength: number
  /** Page size of a list without `limit`. */
  readonly limitDefault: number
  /** Largest page. */
  readonly limitMax: number
  /** Largest JSON request body in bytes. */
  readonly jsonBodyLimit: number
  /** Largest image in bytes. */
  readonly imageSizeCap: number
  readonly diskFormats: readonly string[]
  readonly containerFormats: readonly string[]
  /** True when stores are named by the configuration, so that clients may see and choose them. */
  readonly multistore: boolean
  readonly stores: readonly StoreInfo[]
  readonly enabledImportMethods: readonly string[]
  readonly imageCacheEnabled: boolean
  readonly showImageDirectUrl: boolean
  readonly showMultipleLocations: boolean
  /** Seconds an upload waits for a worker to take it. */
  readonly uploadWait: number
  /** Seconds without a byte from the client after which an upload counts as broken off. */
  readonly uploadIdle: number
}

/** What the api writes to. */
export type ApiLog = Pick<Log, 'info' | 'warn' | 'error'>

/** How the process is doing; `reasons` tells what is wrong, or `OK`. */
export interface HealthAnswer {
  readonly healthy: boolean
  readonly reasons: readonly string[]
}

/** The parts an api is put together from; nothing in them is closed by it. */
export interface ApiParts {
  readonly registry: TypedClient<RegistryRpc>
  readonly stores: (storeId: string) => TypedClient<StoreRpc>
  readonly identity: Identity
  readonly uploads: UploadDesk
  readonly downloads: DownloadDesk
  readonly config: ApiConfig
  readonly log: ApiLog
  readonly health: () => Promise<HealthAnswer>
}
