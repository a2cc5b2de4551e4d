import type { CallContext } from '@glance/shared/context'
import { attributeKind } from '@glance/shared/contracts/attributes'
import { type Image, type ImageDraft, UUID_PATTERN } from '@glance/shared/contracts/image'
import { GlanceError } from '@glance/shared/errors/error'
import {
  type ImageColumns,
  readColumn,
  readPropertyValue,
  readTags,
  requirePropertyName,
  requireSettable,
  visibilityRule,
} from './attributes.ts'
import type { Authorizer } from './authorizer.ts'
import { countProperties, type ImageLimits, requireQuota } from './quota.ts'

/** A row to insert, with its tags and properties; nothing else about it is set yet. */
export type NewImage = Pick<Image, keyof ImageColumns | 'id' | 'tags' | 'properties'> & {
  readonly status: 'queued'
  readonly createdAt: Date
}

export interface CreateParts {
  readonly context: CallContext
  readonly policy: Authorizer
  readonly limits: ImageLimits
  readonly now: Date
  readonly newId: () => string
}

const UUID = new RegExp(UUID_PATTERN)

/**
 * Judges a create request whole and says what to store (Images v2: create). Throws, in this order: BadRequest for a
 * malformed value, ReadOnlyAttribute or ReservedAttribute for names clients cannot set, Forbidden by owner or policy,
 * TooLarge by quota. That the id is free only the database can tell.
 */
export function planCreate(draft: ImageDraft, parts: CreateParts): NewImage {
  const image: NewImage = {
    ...readDraft(draft, parts.context),
    id: draft.id === undefined ? parts.newId() : readId(draft.id),
    status: 'queued',
    createdAt: parts.now,
  }
  for (const name of Object.keys(draft.properties)) requireCustom(name)
  authorize(image, parts)
  requireQuota('properties', parts.limits, { before: 0, after: countProperties(Object.keys(image.properties)) })
  requireQuota('tags', parts.limits, { before: 0, after: image.tags.length })
  return image
}

function readDraft(draft: ImageDraft, context: CallContext): Pick<Image, keyof ImageColumns | 'tags' | 'properties'> {
  return {
    name: readColumn('name', draft.name ?? null),
    visibility: readColumn('visibility', draft.visibility ?? 'shared'),
    protected: readColumn('protected', draft.protected ?? false),
    os_hidden: readColumn('os_hidden', draft.os_hidden ?? false),
    owner: draft.owner === undefined ? context.projectId : readColumn('owner', draft.owner),
    disk_format: readColumn('disk_format', draft.disk_format ?? null),
    container_format: readColumn('container_format', draft.container_format ?? null),
    min_disk: readColumn('min_disk', draft.min_disk ?? 0),
    min_ram: readColumn('min_ram', draft.min_ram ?? 0),
    tags: readTags(draft.tags ?? []),
    properties: readProperties(draft.properties),
  }
}

function readId(id: string): string {
  if (!UUID.test(id)) throw new GlanceError('BadRequest', 'id must be a UUID.')
  return id
}

function readProperties(properties: ImageDraft['properties']): Image['properties'] {
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => {
      requirePropertyName(name)
      return [name, readPropertyValue(name, value)]
    }),
  )
}

function requireCustom(name: string): void {
  requireSettable(name)
  const kind = attributeKind(name)
  // Locations come with data, never with a create request.
  if (kind === 'locations') throw new GlanceError('ReservedAttribute', `Attribute '${name}' is reserved.`)
  if (kind !== 'custom') throw new GlanceError('BadRequest', `${name} is an attribute of images, not a property.`)
}

function authorize(image: NewImage, parts: CreateParts): void {
  const { context, policy } = parts
  const isOwn = image.owner !== null && image.owner === context.projectId
  if (!isOwn && !policy.isAdmin(context)) {
    throw new GlanceError('Forbidden', `You are not permitted to create images owned by '${image.owner ?? 'nobody'}'.`)
  }
  const target = {
    owner: image.owner,
    imageId: image.id,
    visibility: image.visibility,
    status: image.status,
    properties: image.properties,
  }
  policy.requireCall('add_image', context, target)
  const rule = visibilityRule(image.visibility)
  if (rule !== undefined) policy.requireCall(rule, context, target)
}
