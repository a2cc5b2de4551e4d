import { Type } from 'typebox'
import { CallContextSchema } from '../context.ts'
import { rpc } from './define.ts'
import {
  ImageDraftSchema,
  ImageQuerySchema,
  ImageSchema,
  LocationSchema,
  PATCH_DIALECTS,
  PatchOperationSchema,
} from './image.ts'
import { ByteAddressSchema, StoredDataSchema } from './transfer.ts'

const Nothing = Type.Object({})
const ImageId = Type.Object({ imageId: Type.String() })
const TagOfImage = Type.Object({ imageId: Type.String(), tag: Type.String() })

/** The queue all registries share. */
export const REGISTRY_QUEUE = 'glance.registry'

/**
 * Every use case the registry serves. Each finishes in one call and one transaction; the policy rule is checked
 * where the row is. Malformed and invisible ids answer NotFound alike (Images v2: policy-failure translation).
 */
export const registryRpc = {
  createImage: rpc(Type.Object({ draft: ImageDraftSchema }), ImageSchema, 'once'),
  getImage: rpc(ImageId, ImageSchema),
  /** `more` is true when the database page was full, so that another may follow. */
  listImages: rpc(
    Type.Object({ query: ImageQuerySchema }),
    Type.Object({ images: Type.Array(ImageSchema), more: Type.Boolean() }),
  ),
  patchImage: rpc(
    Type.Object({
      imageId: Type.String(),
      dialect: Type.Unsafe<(typeof PATCH_DIALECTS)[number]>({ type: 'string', enum: [...PATCH_DIALECTS] }),
      operations: Type.Array(PatchOperationSchema),
    }),
    ImageSchema,
    'once',
  ),
  deleteImage: rpc(ImageId, Nothing, 'once'),
  addTag: rpc(TagOfImage, Nothing),
  removeTag: rpc(TagOfImage, Nothing, 'once'),

  /** queued -> saving under a new lease; the `upload` job leaves through the outbox in the same transaction. */
  beginTransfer: rpc(
    Type.Object({
      imageId: Type.String(),
      /** Store id asked for; the default store when left out. */
      store: Type.Optional(Type.String()),
      /** Announced size in bytes. */
      size: Type.Optional(Type.Integer({ minimum: 0 })),
      /** Where the worker pulls the bytes from. */
      source: ByteAddressSchema,
    }),
    Type.Object({ transferId: Type.String(), store: Type.String() }),
    'once',
  ),
  /** A worker takes or renews the lease. LeaseLost when the transfer is over. Answers the lease's length. */
  holdTransfer: rpc(
    Type.Object({ transferId: Type.String(), holder: Type.String() }),
    Type.Object({ leaseSeconds: Type.Integer() }),
  ),
  /** saving -> active. The transfer id fences: LeaseLost (or Gone, when the image was deleted) refuses the bytes. */
  completeTransfer: rpc(
    Type.Object({ transferId: Type.String(), holder: Type.String(), data: StoredDataSchema }),
    Nothing,
  ),
  /**
   * saving -> queued, withdraws the job when nobody took it, and queues removal of residue. Idempotent.
   * `outcome` tells what the transfer came to: a failure reported after the bytes were committed changes nothing.
   */
  failTransfer: rpc(
    Type.Object({ transferId: Type.String(), reason: Type.String() }),
    Type.Object({ outcome: Type.Unsafe<'failed' | 'completed' | 'gone'>({ type: 'string' }) }),
  ),
  /** Policy and places for a download, in the order they should be tried; no places when there are no data. */
  openDownload: rpc(
    ImageId,
    Type.Object({
      size: Type.Union([Type.Integer(), Type.Null()]),
      checksum: Type.Union([Type.String(), Type.Null()]),
      places: Type.Array(Type.Object({ store: Type.String(), url: Type.String() })),
    }),
  ),

  /** A job reached its end; its outbox row goes. Unknown ids are no error. */
  finishJob: rpc(Type.Object({ jobId: Type.String() }), Nothing),
  /** True while some row or live transfer knows the object: asked before bytes are removed for good. */
  knowsObject: rpc(
    Type.Object({
      store: Type.String(),
      objects: Type.Array(Type.Object({ imageId: Type.String(), url: Type.String() })),
    }),
    Type.Object({ known: Type.Array(Type.Boolean()) }),
  ),
  /** Active locations of one store in order of an opaque cursor, for the reconciler. */
  listLocations: rpc(
    Type.Object({
      store: Type.String(),
      after: Type.Optional(Type.String()),
      limit: Type.Integer({ minimum: 1, maximum: 1000 }),
    }),
    Type.Object({
      locations: Type.Array(
        Type.Object({
          imageId: Type.String(),
          location: LocationSchema,
          size: Type.Union([Type.Integer(), Type.Null()]),
        }),
      ),
      next: Type.Optional(Type.String()),
    }),
  ),

  /** Keeps a token of the built-in identity by its SHA-256 (hex), never in clear. */
  saveToken: rpc(
    Type.Object({ hash: Type.String(), expiresAt: Type.String(), context: CallContextSchema, body: Type.Unknown() }),
    Nothing,
  ),
  findToken: rpc(
    Type.Object({ hash: Type.String() }),
    Type.Object({
      token: Type.Union([
        Type.Null(),
        Type.Object({ expiresAt: Type.String(), context: CallContextSchema, body: Type.Unknown() }),
      ]),
    }),
  ),
  revokeToken: rpc(Type.Object({ hash: Type.String() }), Nothing),
  /** Answers when the database does. */
  ping: rpc(Nothing, Nothing),
} as const
export type RegistryRpc = typeof registryRpc
