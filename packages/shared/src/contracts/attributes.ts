/** Attributes of an image that clients may set (Images v2: image record). All others are ours or custom properties. */
export const WRITABLE_ATTRIBUTES = [
  'name',
  'visibility',
  'protected',
  'os_hidden',
  'owner',
  'disk_format',
  'container_format',
  'min_disk',
  'min_ram',
  'tags',
] as const
export type WritableAttribute = (typeof WRITABLE_ATTRIBUTES)[number]

/** Attributes that only the service sets, at create and ever after. `id` joins them once the image exists. */
export const READ_ONLY_ATTRIBUTES = [
  'created_at',
  'updated_at',
  'status',
  'checksum',
  'size',
  'virtual_size',
  'os_hash_algo',
  'os_hash_value',
  'direct_url',
  'self',
  'file',
  'schema',
  'stores',
] as const

/** Names nobody may set, kept so that they can never be confused with internal columns. */
export const RESERVED_ATTRIBUTES = ['location', 'deleted', 'deleted_at'] as const

/** Custom properties under this prefix are written by the service alone and count in no quota. */
export const RESERVED_PREFIX = 'os_glance'

/** Internal properties that no view shows. */
export const HIDDEN_PROPERTIES = ['os_glance_stage_host', 'os_glance_hash_op_host'] as const

/** What becomes of a name that a request wants to set. */
export type AttributeKind = 'id' | 'writable' | 'locations' | 'readOnly' | 'reserved' | 'custom'

const KINDS: ReadonlyMap<string, AttributeKind> = new Map<string, AttributeKind>([
  ['id', 'id'],
  ['locations', 'locations'],
  ...WRITABLE_ATTRIBUTES.map((name): [string, AttributeKind] => [name, 'writable']),
  ...READ_ONLY_ATTRIBUTES.map((name): [string, AttributeKind] => [name, 'readOnly']),
  ...RESERVED_ATTRIBUTES.map((name): [string, AttributeKind] => [name, 'reserved']),
])

/** Tells custom properties from the names that mean something to the service. */
export function attributeKind(name: string): AttributeKind {
  return KINDS.get(name) ?? (name.startsWith(RESERVED_PREFIX) ? 'reserved' : 'custom')
}
