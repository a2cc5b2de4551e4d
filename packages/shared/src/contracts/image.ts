import { type Static, type TSchema, Type } from 'typebox'

export const IMAGE_STATUSES = [
  'queued',
  'saving',
  'uploading',
  'importing',
  'active',
  'killed',
  'deleted',
  'pending_delete',
  'deactivated',
] as const
export type ImageStatus = (typeof IMAGE_STATUSES)[number]

export const VISIBILITIES = ['public', 'private', 'shared', 'community'] as const
export type Visibility = (typeof VISIBILITIES)[number]

/** Largest value of min_disk and min_ram: the databases keep them as 32-bit integers. */
export const MAX_INT32 = 2 ** 31 - 1
export const MAX_NAME = 255
/** Canonical text form of a UUID, either case (Images v2: id pattern). */
export const UUID_PATTERN = '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$'

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const literals = <const T extends readonly string[]>(values: T) =>
  Type.Unsafe<T[number]>({ type: 'string', enum: [...values] })

export const LocationSchema = Type.Object({
  url: Type.String(),
  metadata: Type.Record(Type.String(), Type.Unknown()),
})
export type Location = Static<typeof LocationSchema>

/** An image as the registry tells it; times are `YYYY-MM-DDTHH:MM:SSZ` in UTC, sizes bytes. */
export const ImageSchema = Type.Object({
  id: Type.String(),
  name: nullable(Type.String()),
  status: literals(IMAGE_STATUSES),
  visibility: literals(VISIBILITIES),
  protected: Type.Boolean(),
  os_hidden: Type.Boolean(),
  owner: nullable(Type.String()),
  disk_format: nullable(Type.String()),
  container_format: nullable(Type.String()),
  min_disk: Type.Integer(),
  min_ram: Type.Integer(),
  size: nullable(Type.Integer()),
  virtual_size: nullable(Type.Integer()),
  checksum: nullable(Type.String()),
  os_hash_algo: nullable(Type.String()),
  os_hash_value: nullable(Type.String()),
  created_at: Type.String(),
  updated_at: Type.String(),
  tags: Type.Array(Type.String()),
  /** Custom properties; a null value is shown as an empty string. */
  properties: Type.Record(Type.String(), nullable(Type.String())),
  /** Readable locations, heaviest store first; empty when the caller may not read them. */
  locations: Type.Array(LocationSchema),
})
export type Image = Static<typeof ImageSchema>

/** What a create request may say; checked in shape by the api, in meaning by the registry. */
export const ImageDraftSchema = Type.Object({
  id: Type.Optional(Type.String({ pattern: UUID_PATTERN })),
  name: Type.Optional(nullable(Type.String())),
  visibility: Type.Optional(literals(VISIBILITIES)),
  protected: Type.Optional(Type.Boolean()),
  os_hidden: Type.Optional(Type.Boolean()),
  owner: Type.Optional(nullable(Type.String())),
  disk_format: Type.Optional(nullable(Type.String())),
  container_format: Type.Optional(nullable(Type.String())),
  min_disk: Type.Optional(Type.Integer()),
  min_ram: Type.Optional(Type.Integer()),
  tags: Type.Optional(Type.Array(Type.String())),
  /** Every key of the request that is no base attribute, reserved ones included: the registry refuses those. */
  properties: Type.Record(Type.String(), nullable(Type.String())),
})
export type ImageDraft = Static<typeof ImageDraftSchema>

/** One operation of a PATCH, whichever media type it came in. */
export const PatchOperationSchema = Type.Object({
  op: literals(['add', 'remove', 'replace'] as const),
  /** Unescaped path segments: one for attributes, two for a single location. */
  path: Type.Array(Type.String(), { minItems: 1, maxItems: 2 }),
  value: Type.Optional(Type.Unknown()),
})
export type PatchOperation = Static<typeof PatchOperationSchema>

/** The two media types of PATCH differ in what `add` means (Images v2: PATCH). */
export const PATCH_DIALECTS = ['v2.0', 'v2.1'] as const

export const TIME_OPERATORS = ['gt', 'gte', 'lt', 'lte', 'eq', 'neq'] as const
export const SORT_KEYS = [
  'name',
  'status',
  'container_format',
  'disk_format',
  'size',
  'id',
  'created_at',
  'updated_at',
] as const
export type SortKey = (typeof SORT_KEYS)[number]

/** Columns that can be asked for by equality with a list of accepted values. */
export const IN_COLUMNS = ['name', 'status', 'id', 'disk_format', 'container_format'] as const
/** Further columns that can be asked for by plain equality. */
export const TEXT_COLUMNS = ['owner', 'checksum', 'os_hash_algo', 'os_hash_value'] as const
export const INTEGER_COLUMNS = ['size', 'virtual_size', 'min_disk', 'min_ram'] as const

/** A list request, parsed and checked; every condition must hold. */
export const ImageQuerySchema = Type.Object({
  /** Page size after default and cap were applied. */
  limit: Type.Integer({ minimum: 0 }),
  marker: Type.Optional(Type.String()),
  sort: Type.Array(Type.Object({ key: literals(SORT_KEYS), dir: literals(['asc', 'desc'] as const) })),
  visibility: Type.Optional(literals([...VISIBILITIES, 'all'] as const)),
  memberStatus: literals(['pending', 'accepted', 'rejected', 'all'] as const),
  hidden: Type.Boolean(),
  protected: Type.Optional(Type.Boolean()),
  tags: Type.Array(Type.String()),
  oneOf: Type.Array(Type.Object({ column: literals(IN_COLUMNS), values: Type.Array(Type.String()) })),
  equals: Type.Array(Type.Object({ column: literals(TEXT_COLUMNS), value: Type.String() })),
  /** Equality and inclusive bounds of integer columns. */
  integers: Type.Array(
    Type.Object({
      column: literals(INTEGER_COLUMNS),
      op: literals(['eq', 'gte', 'lte'] as const),
      value: Type.Integer(),
    }),
  ),
  times: Type.Array(
    Type.Object({
      column: literals(['created_at', 'updated_at'] as const),
      op: literals(TIME_OPERATORS),
      /** ISO 8601, UTC. */
      value: Type.String(),
    }),
  ),
  properties: Type.Array(Type.Object({ name: Type.String(), value: Type.String() })),
})
export type ImageQuery = Static<typeof ImageQuerySchema>
