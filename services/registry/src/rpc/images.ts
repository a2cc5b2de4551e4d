import type { TypedHandlers } from '@glance/shared/bus/client'
import type { CallContext } from '@glance/shared/context'
import type { Image, ImageQuery } from '@glance/shared/contracts/image'
import type { RegistryRpc } from '@glance/shared/contracts/registry-rpc'
import { GlanceError } from '@glance/shared/errors/error'
import { deleteImage, saveChange } from '../db/image-changes.ts'
import { wholeSeconds } from '../db/image-row.ts'
import { findImage, findMarker, insertImage, listImages, type Marker } from '../db/images.ts'
import { withdrawJob } from '../db/outbox.ts'
import { endTransfer, findLiveTransfer, type Transfer } from '../db/transfers.ts'
import { type NewImage, planCreate } from '../domain/image-create.ts'
import { requireDeletable } from '../domain/image-delete.ts'
import { applyPatch } from '../domain/image-patch.ts'
import { canSee } from '../domain/visibility.ts'
import { writeJob } from '../outbox/write.ts'
import { imageTarget, requireWritable } from '../policy/enforce.ts'
import { allOrNothing } from './all-or-nothing.ts'
import { isImageId, notFound, presentImage, reachForChange, reachImage, storeOf } from './find-image.ts'
import type { RpcParts } from './parts.ts'
import { withdrawFromQueue, writeDiscard } from './withdraw.ts'

type ImageMethods = 'createImage' | 'getImage' | 'listImages' | 'patchImage' | 'deleteImage'

/** How often a change is judged anew when the image changed between reading and saving it. */
const MAX_ATTEMPTS = 5

export function imageHandlers(parts: RpcParts): Pick<TypedHandlers<RegistryRpc>, ImageMethods> {
  const { policy, limits } = parts
  return {
    createImage: async ({ draft }, { context }) => {
      requireWritable(context)
      const image = planCreate(draft, { context, policy, limits, now: parts.now(), newId: parts.newId })
      await insertImage(parts.database, image)
      return toImage(image)
    },

    getImage: async ({ imageId }, { context }) => {
      const image = await reachImage(parts, context, imageId)
      policy.requireOnImage('get_image', context, image)
      return presentImage(parts, context, image)
    },

    listImages: async ({ query }, { context }) => {
      policy.requireCall('get_images', context)
      const caller = { projectId: context.projectId, isAdmin: policy.isAdmin(context) }
      const after = query.marker === undefined ? undefined : (await reachMarker(parts, context, query)).after
      const page = await listImages(parts.database, query, { caller, after })
      const images = page.flatMap(({ image, isMember }) => {
        const target = imageTarget({ ...image, memberOfCaller: isMember }, context)
        return policy.allows('get_image', context, target) ? [presentImage(parts, context, image)] : []
      })
      return { images, more: query.limit > 0 && page.length === query.limit }
    },

    patchImage: async ({ imageId, dialect, operations }, { context }) => {
      requireWritable(context)
      for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
        const image = await reachImage(parts, context, imageId)
        const { memberOfCaller = false } = image
        const change = applyPatch(image, operations, { dialect, context, policy, limits, memberOfCaller })
        if (change.isEmpty) return presentImage(parts, context, image)
        const { columns } = change
        // The formats depend on the status; nothing else a PATCH sets does.
        const needsStatus = columns.disk_format !== undefined || columns.container_format !== undefined
        const target = { id: image.id, now: parts.now() }
        const isSaved = await parts.database.transaction((tx) =>
          saveChange(tx, target, { change, ...(needsStatus && { status: image.status }) }),
        )
        if (isSaved) return presentImage(parts, context, await readBack(parts, context, image.id))
      }
      throw new GlanceError('Conflict', `Image ${imageId} was changed by other requests at the same time.`)
    },

    deleteImage: async ({ imageId }, { context }) => {
      requireWritable(context)
      for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
        const image = await reachForChange(parts, context, { id: imageId, rule: 'delete_image' })
        requireDeletable(image)
        if (await deleteWhole(parts, context, image)) return {}
      }
      throw new GlanceError('Conflict', `Image ${imageId} was changed by other requests at the same time.`)
    },
  }
}

/** A new image needs no second look at the database. */
function toImage({ createdAt, ...image }: NewImage): Image {
  const time = wholeSeconds(createdAt.toISOString())
  return {
    ...image,
    id: image.id.toLowerCase(),
    size: null,
    virtual_size: null,
    checksum: null,
    os_hash_algo: null,
    os_hash_value: null,
    created_at: time,
    updated_at: time,
    locations: [],
  }
}

/** Throws BadRequest in the same words for a marker that is malformed, unknown, deleted or invisible: none shall be told apart. */
async function reachMarker(parts: RpcParts, context: CallContext, query: ImageQuery): Promise<Marker> {
  const isId = isImageId(query.marker ?? '')
  const marker = isId ? await findMarker(parts.database, query, context.projectId) : undefined
  const isAdmin = parts.policy.isAdmin(context)
  if (marker !== undefined && canSee(marker, context, { isAdmin, isMember: marker.isMember })) return marker
  throw new GlanceError('BadRequest', `Marker ${query.marker} could not be found`)
}

/** After a save the caller sees the outcome even of a change that took the image out of its sight. */
async function readBack(parts: RpcParts, context: CallContext, id: string): Promise<Image> {
  const found = await findImage(parts.database, id, context.projectId)
  if (found === undefined) throw notFound(id)
  return found.image
}

/**
 * Deletes an image with all that belongs to it; its bytes and what a transfer may have left go by jobs of the same
 * transaction. False, with nothing done, when the image changed since it was read.
 */
async function deleteWhole(parts: RpcParts, context: CallContext, image: Image): Promise<boolean> {
  const now = parts.now()
  const { requestId } = context
  const ended = await allOrNothing(parts.database, async (tx): Promise<{ transfer?: Transfer } | false> => {
    if (!(await deleteImage(tx, { id: image.id, now }, image.status))) return false
    for (const location of image.locations) {
      const store = storeOf(parts, location)
      if (store === undefined) continue
      const payload = { imageId: image.id, store, url: location.url }
      await writeJob(tx, { name: 'delete', store, payload, requestId }, now)
    }
    const transfer = await findLiveTransfer(tx, image.id)
    if (transfer === undefined) return {}
    await withdrawJob(tx, transfer.jobId)
    await writeDiscard(tx, { transfer, requestId, now })
    return (await endTransfer(tx, transfer, { state: 'gone', now })) && { transfer }
  })
  if (ended === false) return false
  parts.kick()
  if (ended.transfer !== undefined) withdrawFromQueue(parts, ended.transfer)
  return true
}
