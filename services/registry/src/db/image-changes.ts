import type { Image, ImageStatus } from '@glance/shared/contracts/image'
import type { StoredData } from '@glance/shared/contracts/transfer'
import type { Tx } from './client.ts'

/** Columns of an image's own row that a save may set. */
export type ColumnChange = Partial<
  Pick<
    Image,
    | 'name'
    | 'visibility'
    | 'protected'
    | 'os_hidden'
    | 'owner'
    | 'disk_format'
    | 'container_format'
    | 'min_disk'
    | 'min_ram'
  >
>

/** What a save touches; everything else keeps its value. */
export interface SavedChange {
  readonly columns: ColumnChange
  /** The whole new set. */
  readonly tags?: readonly string[]
  readonly properties: { readonly set: Readonly<Record<string, string | null>>; readonly remove: readonly string[] }
}

/** Which image is changed, and when. */
export interface Target {
  readonly id: string
  readonly now: Date
}

/**
 * Saves what a PATCH changes and nothing else. The update of the image's own row comes first: it makes concurrent
 * changes of one image wait for each other.
 * @param status when given, the status the image must still have
 * @returns false, with nothing saved, when the image is gone or its status another
 */
export async function saveChange(
  tx: Tx,
  target: Target,
  { change, status }: { readonly change: SavedChange; readonly status?: ImageStatus },
): Promise<boolean> {
  const { count } = await tx.image.updateMany({
    where: { id: target.id, deleted: false, ...(status !== undefined && { status }) },
    data: { ...toColumns(change.columns), updatedAt: target.now },
  })
  if (count === 0) return false
  if (change.tags !== undefined) await replaceTags(tx, target, change.tags)
  await setProperties(tx, target, change.properties.set)
  if (change.properties.remove.length > 0) {
    await tx.imageProperty.updateMany({
      where: { imageId: target.id, name: { in: [...change.properties.remove] }, deleted: false },
      data: removedAt(target.now),
    })
  }
  return true
}

/** Moves the time of the last change; false when the image is gone. */
export async function touchImage(tx: Tx, { id, now }: Target): Promise<boolean> {
  const { count } = await tx.image.updateMany({ where: { id, deleted: false }, data: { updatedAt: now } })
  return count > 0
}

/** Adds tags that the image lacks. */
export async function addTags(tx: Tx, { id, now }: Target, tags: readonly string[]): Promise<void> {
  const known = await tx.imageTag.findMany({
    where: { imageId: id, value: { in: [...tags] } },
    select: { value: true, deleted: true },
  })
  const dormant = known.filter(({ deleted }) => deleted).map(({ value }) => value)
  if (dormant.length > 0) {
    await tx.imageTag.updateMany({ where: { imageId: id, value: { in: dormant } }, data: revivedAt(now) })
  }
  const values = new Set(known.map(({ value }) => value))
  const fresh = tags.filter((tag) => !values.has(tag))
  if (fresh.length === 0) return
  await tx.imageTag.createMany({
    data: fresh.map((value) => ({ imageId: id, value, createdAt: now, updatedAt: now })),
  })
}

/** Removes a tag; false when the image lacks it. */
export async function removeTag(tx: Tx, { id, now }: Target, tag: string): Promise<boolean> {
  const { count } = await tx.imageTag.updateMany({
    where: { imageId: id, value: tag, deleted: false },
    data: removedAt(now),
  })
  return count > 0
}

/**
 * Marks an image and all that belongs to it as deleted, if it still has the status and is not protected.
 * @returns false, with nothing changed, when it is not so
 */
export async function deleteImage(tx: Tx, { id, now }: Target, status: ImageStatus): Promise<boolean> {
  const { count } = await tx.image.updateMany({
    where: { id, deleted: false, protected: false, status },
    data: { ...removedAt(now), status: 'deleted' },
  })
  if (count === 0) return false
  const rows = { where: { imageId: id, deleted: false }, data: removedAt(now) }
  await tx.imageProperty.updateMany(rows)
  await tx.imageTag.updateMany(rows)
  await tx.imageMember.updateMany(rows)
  await tx.imageLocation.updateMany({ ...rows, data: { ...rows.data, status: 'deleted' } })
  return true
}

/** Changes the status if it is still `from`. An image that is queued again knows no sizes. */
export async function changeStatus(
  tx: Tx,
  { id, now }: Target,
  { from, to }: { readonly from: ImageStatus; readonly to: ImageStatus },
): Promise<boolean> {
  const { count } = await tx.image.updateMany({
    where: { id, deleted: false, status: from },
    data: { status: to, updatedAt: now, ...(to === 'queued' && { size: null, virtualSize: null }) },
  })
  return count > 0
}

/** saving -> active with what the transfer found out, and the place of the bytes; false when it is not saving. */
export async function activateImage(
  tx: Tx,
  { id, now }: Target,
  { data, store }: { readonly data: StoredData; readonly store: string },
): Promise<boolean> {
  const { count } = await tx.image.updateMany({
    where: { id, deleted: false, status: 'saving' },
    data: {
      status: 'active',
      size: data.size,
      virtualSize: data.virtualSize,
      checksum: data.checksum,
      osHashAlgo: data.hashAlgo,
      osHashValue: data.hashValue,
      updatedAt: now,
    },
  })
  if (count === 0) return false
  await tx.imageLocation.create({
    data: {
      imageId: id,
      value: data.url,
      metaData: JSON.stringify({ ...data.metadata, store }),
      store,
      createdAt: now,
      updatedAt: now,
    },
    select: { id: true },
  })
  return true
}

async function replaceTags(tx: Tx, target: Target, tags: readonly string[]): Promise<void> {
  await tx.imageTag.updateMany({
    where: { imageId: target.id, deleted: false, value: { notIn: [...tags] } },
    data: removedAt(target.now),
  })
  await addTags(tx, target, tags)
}

async function setProperties(tx: Tx, { id, now }: Target, set: Readonly<Record<string, string | null>>): Promise<void> {
  const entries = Object.entries(set)
  if (entries.length === 0) return
  const known = await tx.imageProperty.findMany({
    where: { imageId: id, name: { in: entries.map(([name]) => name) } },
    select: { name: true },
  })
  const names = new Set(known.map(({ name }) => name))
  for (const [name, value] of entries.filter(([each]) => names.has(each))) {
    await tx.imageProperty.updateMany({ where: { imageId: id, name }, data: { value, ...revivedAt(now) } })
  }
  const fresh = entries.filter(([name]) => !names.has(name))
  if (fresh.length === 0) return
  await tx.imageProperty.createMany({
    data: fresh.map(([name, value]) => ({ imageId: id, name, value, createdAt: now, updatedAt: now })),
  })
}

function removedAt(now: Date) {
  return { deleted: true, deletedAt: now, updatedAt: now }
}

function revivedAt(now: Date) {
  return { deleted: false, deletedAt: null, updatedAt: now }
}

/** Only the columns named: one that is left out keeps its value. */
function toColumns(columns: ColumnChange) {
  const { name, visibility, owner } = columns
  return {
    ...(name !== undefined && { name }),
    ...(visibility !== undefined && { visibility }),
    ...(owner !== undefined && { owner }),
    ...(columns.protected !== undefined && { protected: columns.protected }),
    ...(columns.os_hidden !== undefined && { osHidden: columns.os_hidden }),
    ...(columns.disk_format !== undefined && { diskFormat: columns.disk_format }),
    ...(columns.container_format !== undefined && { containerFormat: columns.container_format }),
    ...(columns.min_disk !== undefined && { minDisk: columns.min_disk }),
    ...(columns.min_ram !== undefined && { minRam: columns.min_ram }),
  }
}
