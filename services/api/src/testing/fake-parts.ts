import type { TypedClient } from '@glance/shared/bus/client'
import type { CallContext } from '@glance/shared/context'
import type { Image } from '@glance/shared/contracts/image'
import type { RegistryRpc } from '@glance/shared/contracts/registry-rpc'
import { GlanceError } from '@glance/shared/errors/error'
import type { Caller } from '../identity/identity.ts'
import type { ApiConfig, ApiLog, ApiParts } from '../parts.ts'

export const IMAGE_ID = '0fd1bd0c-6bb7-4d2f-8ac1-2a9ba9b4b8c1'

export const anImage: Image = {
  id: IMAGE_ID,
  name: 'cirros',
  status: 'active',
  visibility: 'shared',
  protected: false,
  os_hidden: false,
  owner: 'p1',
  disk_format: 'qcow2',
  container_format: 'bare',
  min_disk: 0,
  min_ram: 64,
  size: 10,
  virtual_size: null,
  checksum: 'd41d8cd98f00b204e9800998ecf8427e',
  os_hash_algo: 'sha512',
  os_hash_value: 'cf83e1357eefb8bd',
  created_at: '2026-01-02T03:04:05Z',
  updated_at: '2026-01-02T03:04:05Z',
  tags: ['small'],
  properties: { architecture: 'x86_64', kernel_id: null, os_glance_stage_host: 'http://elsewhere' },
  locations: [
    { url: 'file:///images/a', metadata: { store: 'fast' } },
    { url: 's3://bucket/a', metadata: { store: 'cheap' } },
  ],
}

export const aCaller: Caller = {
  userId: 'u1',
  projectId: 'p1',
  roles: ['member', 'reader'],
  serviceRoles: [],
  readOnly: false,
}

export const aConfig: ApiConfig = {
  enableProxyHeaders: false,
  maxRequestIdLength: 64,
  limitDefault: 25,
  limitMax: 1000,
  jsonBodyLimit: 1024 * 1024,
  imageSizeCap: 1024 ** 4,
  diskFormats: ['raw', 'qcow2'],
  containerFormats: ['bare', 'ova'],
  multistore: true,
  stores: [
    { id: 'fast', description: 'quick disks', isDefault: true, readOnly: false },
    { id: 'cheap', isDefault: false, readOnly: false },
    { id: 'web', isDefault: false, readOnly: true },
  ],
  enabledImportMethods: ['glance-direct', 'web-download'],
  imageCacheEnabled: false,
  showImageDirectUrl: false,
  showMultipleLocations: false,
  uploadWait: 5,
  uploadIdle: 60,
}

/** A call the api made to the registry. */
export interface RegistryCall {
  readonly method: string
  readonly context: CallContext
  readonly input: unknown
}

export type RegistryStub = Partial<{
  [M in keyof RegistryRpc]: (input: never, context: CallContext) => unknown
}>

/** A registry that answers from a table and keeps every call; what the table lacks is NotImplemented. */
export function fakeRegistry(stub: RegistryStub, calls: RegistryCall[] = []): TypedClient<RegistryRpc> {
  const answer = (method: string) => async (context: CallContext, input: unknown) => {
    calls.push({ method, context, input })
    const handler = stub[method as keyof RegistryRpc] as ((input: unknown, context: CallContext) => unknown) | undefined
    if (handler === undefined) throw new GlanceError('NotImplemented', method)
    return handler(input, context)
  }
  return new Proxy({}, { get: (_target, method) => answer(String(method)) }) as TypedClient<RegistryRpc>
}

/** A log line as it was written. */
export interface LogLine {
  readonly level: string
  readonly fields: Record<string, unknown>
  readonly message: string
}

export function fakeLog(lines: LogLine[]): ApiLog {
  const write = (level: string) => (fields: object | string, message?: string) => {
    if (typeof fields === 'string') lines.push({ level, fields: {}, message: fields })
    else lines.push({ level, fields: { ...fields }, message: message ?? '' })
  }
  return { info: write('info'), warn: write('warn'), error: write('error') }
}

const refuse = (): never => {
  throw new GlanceError('NotImplemented', 'no such part in this test')
}

/** Parts of an api whose callers are known by any token but `bad`. */
export function fakeParts(over: Partial<Omit<ApiParts, 'config'>> & { config?: Partial<ApiConfig> } = {}): ApiParts {
  return {
    registry: fakeRegistry({}),
    stores: refuse,
    identity: {
      challenge: 'Keystone uri="http://identity"',
      authenticate: async (headers) => {
        const token = headers['x-auth-token']
        return token === undefined || token === 'bad' ? undefined : aCaller
      },
    },
    uploads: { offer: refuse },
    downloads: { openFirst: refuse },
    log: fakeLog([]),
    health: async () => ({ healthy: true, reasons: ['OK'] }),
    ...over,
    config: { ...aConfig, ...over.config },
  }
}
