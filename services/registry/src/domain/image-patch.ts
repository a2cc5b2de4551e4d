import type { CallContext } from '@glance/shared/context'
import { attributeKind } from '@glance/shared/contracts/attributes'
import type { Image, PATCH_DIALECTS, PatchOperation } from '@glance/shared/contracts/image'
import { GlanceError } from '@glance/shared/errors/error'
import {
  type ImageColumns,
  isColumn,
  readColumn,
  readPropertyValue,
  readTags,
  requirePropertyName,
  requireSettable,
  visibilityRule,
} from './attributes.ts'
import type { Authorizer } from './authorizer.ts'
import { countProperties, type ImageLimits, requireQuota } from './quota.ts'
import { canChange } from './visibility.ts'

export type PatchedColumns = Partial<ImageColumns>

/** What a PATCH changes; only what the request names is in it. */
export interface ImageChange {
  readonly columns: PatchedColumns
  /** The whole new set, when the request sets tags. */
  readonly tags?: string[]
  readonly properties: { readonly set: Record<string, string | null>; readonly remove: string[] }
  /** True for a patch without operations: nothing is saved, not even updated_at. */
  readonly isEmpty: boolean
}

export interface PatchParts {
  readonly dialect: (typeof PATCH_DIALECTS)[number]
  readonly context: CallContext
  readonly policy: Authorizer
  readonly limits: ImageLimits
  /** True when the caller's project is a member of the image. */
  readonly memberOfCaller?: boolean
}

/**
 * Applies the operations in order and says what to save (Images v2: PATCH). The first that fails aborts all of them.
 * Rules are asked per operation about the image as it was; quotas judge the end.
 *
 * Throws BadRequest (malformed value or name), ReadOnlyAttribute, ReservedAttribute, Forbidden (policy, owner, formats
 * of an image with data, removing a base attribute, locations), NotFound (the caller may not see the image),
 * Conflict (replacing or removing what is not there; in the v2.0 dialect adding what is), TooLarge (quota).
 */
export function applyPatch(image: Image, operations: readonly PatchOperation[], parts: PatchParts): ImageChange {
  if (operations.length === 0) {
    parts.policy.requireOnImage('get_image', parts.context, { ...image, memberOfCaller: parts.memberOfCaller })
  }
  const draft = new PatchDraft(image, parts)
  for (const operation of operations) draft.apply(operation)
  return draft.finish(operations.length === 0)
}

class PatchDraft {
  readonly #image: Image
  readonly #parts: PatchParts
  readonly #columns: PatchedColumns = {}
  readonly #properties: Map<string, string | null>
  /** Names of properties that some operation was about. */
  readonly #touched = new Set<string>()
  #tags: string[] | undefined

  constructor(image: Image, parts: PatchParts) {
    this.#image = image
    this.#parts = parts
    this.#properties = new Map(Object.entries(image.properties))
  }

  apply(operation: PatchOperation): void {
    const name = attributeOf(operation)
    if (operation.op !== 'remove' && operation.value === undefined) {
      throw new GlanceError('BadRequest', `${operation.op} of ${name} needs a value.`)
    }
    if (isColumn(name)) this.#setColumn(name, operation)
    else if (name === 'tags') this.#setTags(operation)
    else this.#setProperty(name, operation)
  }

  finish(isEmpty: boolean): ImageChange {
    const before = Object.keys(this.#image.properties)
    const { limits } = this.#parts
    requireQuota('properties', limits, {
      before: countProperties(before),
      after: countProperties(this.#properties.keys()),
    })
    const tags = this.#tags
    if (tags !== undefined) requireQuota('tags', limits, { before: this.#image.tags.length, after: tags.length })
    const set = [...this.#properties].filter(([name]) => this.#touched.has(name))
    const remove = before.filter((name) => !this.#properties.has(name))
    return {
      columns: this.#columns,
      ...(tags === undefined ? {} : { tags }),
      properties: { set: Object.fromEntries(set), remove },
      isEmpty,
    }
  }

  #setColumn<C extends keyof ImageColumns>(name: C, operation: PatchOperation): void {
    const value = operation.op === 'remove' ? undefined : readColumn(name, operation.value)
    const rule = name === 'visibility' && value !== undefined ? visibilityRule(value as Image['visibility']) : undefined
    this.#authorize(rule)
    this.#requireReplace(name, operation)
    if (value === undefined) return
    this.#requireChangeable(name)
    this.#columns[name] = value
  }

  #setTags(operation: PatchOperation): void {
    const tags = operation.op === 'remove' ? undefined : readTags(operation.value)
    this.#authorize()
    this.#requireReplace('tags', operation)
    this.#tags = tags
  }

  #setProperty(name: string, operation: PatchOperation): void {
    const value = operation.op === 'remove' ? undefined : readPropertyValue(name, operation.value)
    this.#authorize()
    const isThere = this.#properties.has(name)
    if (operation.op === 'add' && isThere && this.#parts.dialect === 'v2.0') throw alreadyPresent(name)
    if (operation.op !== 'add' && !isThere) throw new GlanceError('Conflict', `Property ${name} does not exist.`)
    this.#touched.add(name)
    if (value === undefined) this.#properties.delete(name)
    else this.#properties.set(name, value)
  }

  /** Every operation needs modify_image; becoming public or a community image needs a rule more. */
  #authorize(extraRule?: string): void {
    const { policy, context, memberOfCaller } = this.#parts
    const image = { ...this.#image, memberOfCaller }
    policy.requireOnImage('modify_image', context, image)
    if (extraRule !== undefined) policy.requireOnImage(extraRule, context, image)
    if (!canChange(image, context, { isAdmin: policy.isAdmin(context) })) {
      throw new GlanceError('Forbidden', `You are not permitted to modify image ${image.id}.`)
    }
  }

  /** Base attributes are always there: they can be replaced, and in the v2.1 dialect that may be called `add`. */
  #requireReplace(name: string, operation: PatchOperation): void {
    if (operation.op === 'remove') throw new GlanceError('Forbidden', `Property ${name} may not be removed.`)
    if (operation.op === 'add' && this.#parts.dialect === 'v2.0') throw alreadyPresent(name)
  }

  #requireChangeable(name: keyof ImageColumns): void {
    const { policy, context } = this.#parts
    if (name === 'owner' && !policy.isAdmin(context)) {
      throw new GlanceError('Forbidden', "Owner can't be updated by non admin.")
    }
    const { status } = this.#image
    if ((name === 'disk_format' || name === 'container_format') && status !== 'queued' && status !== 'importing') {
      throw new GlanceError('Forbidden', `Attribute ${name} can be only replaced for a queued image.`)
    }
  }
}

/** The attribute or property that an operation is about, if it is one that requests may name at all. */
function attributeOf(operation: PatchOperation): string {
  const [name, ...rest] = operation.path
  if (name === undefined) throw new GlanceError('BadRequest', `${operation.op} needs a path.`)
  requirePropertyName(name)
  requireSettable(name)
  const kind = attributeKind(name)
  if (kind === 'id') throw new GlanceError('ReadOnlyAttribute', `Attribute '${name}' is read-only.`)
  if (kind === 'locations') {
    throw new GlanceError('Forbidden', "It's not allowed to update locations if locations are invisible.")
  }
  if (rest.length > 0) throw new GlanceError('BadRequest', `The path of ${name} must have one segment.`)
  return name
}

function alreadyPresent(name: string): GlanceError {
  return new GlanceError('Conflict', `Property ${name} already present.`)
}
