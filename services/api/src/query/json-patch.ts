import { attributeKind } from '@glance/shared/contracts/attributes'
import type { PATCH_DIALECTS, PatchOperation } from '@glance/shared/contracts/image'
import { GlanceError } from '@glance/shared/errors/error'
import type { ImageAttributes } from '../schema/image-attributes.ts'
import { refusalOf } from './image-body.ts'
import { parsePointer } from './json-pointer.ts'
import { checkPropertyName, refuseUnstorable } from './storable-text.ts'

export type PatchDialect = (typeof PATCH_DIALECTS)[number]

const MEDIA_TYPES: ReadonlyMap<string, PatchDialect> = new Map([
  ['application/openstack-images-v2.0-json-patch', 'v2.0'],
  ['application/openstack-images-v2.1-json-patch', 'v2.1'],
])
/** Value of Accept-Patch on a refused media type. */
export const ACCEPT_PATCH = [...MEDIA_TYPES.keys()].join(', ')

const OPERATIONS = ['add', 'remove', 'replace'] as const
type OperationName = (typeof OPERATIONS)[number]

const INDEX = /^\d{1,9}$/

/** The dialect a Content-Type stands for. Throws UnsupportedMediaType for any other. */
export function patchDialect(contentType: string | undefined): PatchDialect {
  const dialect = MEDIA_TYPES.get((contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '')
  if (dialect === undefined) {
    throw new GlanceError('UnsupportedMediaType', `Content-Type must be one of: ${ACCEPT_PATCH}.`)
  }
  return dialect
}

/**
 * The operations of a PATCH, checked in shape and in every value but not applied (Images v2 contract: PATCH). Throws
 * BadRequest naming the operation's path; ReadOnlyAttribute or ReservedAttribute for paths nobody may change.
 */
export function parsePatch(body: unknown, dialect: PatchDialect, attributes: ImageAttributes): PatchOperation[] {
  if (!Array.isArray(body)) throw new GlanceError('BadRequest', 'The request body must be a JSON array of operations.')
  return body.map((raw: unknown) => parseOperation(raw, dialect, attributes))
}

function parseOperation(raw: unknown, dialect: PatchDialect, attributes: ImageAttributes): PatchOperation {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    throw new GlanceError('BadRequest', 'Every operation must be a JSON object.')
  }
  const { op, pointer } = dialect === 'v2.1' ? readV21(raw) : readV20(raw)
  const path = parsePointer(pointer)
  checkDepth(op, path)
  checkRoot(path)
  if (op === 'remove') return { op, path }
  if (!('value' in raw)) throw new GlanceError('BadRequest', `Operation '${op}' on '${String(pointer)}' needs a value.`)
  checkValue(path, raw.value, attributes)
  return { op, path, value: raw.value }
}

function readV21(raw: object): { op: OperationName; pointer: unknown } {
  const op = 'op' in raw ? raw.op : undefined
  if (!isOperation(op)) throw badOperation()
  if (!('path' in raw)) throw new GlanceError('BadRequest', `Operation '${op}' needs a path.`)
  return { op, pointer: raw.path }
}

function readV20(raw: object): { op: OperationName; pointer: unknown } {
  const [op, ...others] = OPERATIONS.filter((name) => Object.hasOwn(raw, name))
  if (op === undefined || others.length > 0) throw badOperation()
  return { op, pointer: (raw as Record<string, unknown>)[op] }
}

function isOperation(value: unknown): value is OperationName {
  return (OPERATIONS as readonly unknown[]).includes(value)
}

function badOperation(): GlanceError {
  return new GlanceError('BadRequest', `Every operation must be exactly one of: ${OPERATIONS.join(', ')}.`)
}

/** Only single locations lie below the root. */
function checkDepth(op: OperationName, path: readonly string[]): void {
  const depth = path[0] === 'locations' && op !== 'replace' ? 2 : 1
  if (path.length !== depth) {
    throw new GlanceError('BadRequest', `Operation '${op}' on '${path[0]}' takes a path of ${depth} segment(s).`)
  }
  const index = path[1]
  if (index === undefined || INDEX.test(index) || (index === '-' && op === 'add')) return
  throw new GlanceError('BadRequest', `'${index}' is no position in the list of locations.`)
}

function checkRoot(path: readonly string[]): void {
  const root = path[0] ?? ''
  const kind = attributeKind(root)
  if (kind === 'id') throw refusalOf(root, 'readOnly')
  if (kind === 'readOnly' || kind === 'reserved') throw refusalOf(root, kind)
  if (kind === 'custom') checkPropertyName(root)
}

function checkValue(path: readonly string[], value: unknown, attributes: ImageAttributes): void {
  const root = path[0] ?? ''
  if (path.length === 1) {
    attributes.check(root, value)
    refuseUnstorable(root, value)
  } else {
    attributes.check(root, [value])
  }
}
