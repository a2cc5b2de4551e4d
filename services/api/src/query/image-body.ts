import { attributeKind } from '@glance/shared/contracts/attributes'
import type { ImageDraft } from '@glance/shared/contracts/image'
import { GlanceError } from '@glance/shared/errors/error'
import type { ImageAttributes } from '../schema/image-attributes.ts'
import { checkPropertyName, refuseUnstorable } from './storable-text.ts'

/**
 * The body of a create request as a draft. Every value is checked first (BadRequest); only then are names refused
 * that no client may set (ReadOnlyAttribute, ReservedAttribute), as clients of this API expect.
 */
export function parseImageBody(body: Record<string, unknown>, attributes: ImageAttributes): ImageDraft {
  const fields: Record<string, unknown> = {}
  const properties: Record<string, string | null> = Object.create(null)
  let refusal: GlanceError | undefined
  for (const [name, value] of Object.entries(body)) {
    attributes.check(name, value)
    refuseUnstorable(name, value)
    const kind = attributeKind(name)
    if (kind === 'custom') {
      checkPropertyName(name)
      properties[name] = value as string | null
    } else if (kind === 'id' || kind === 'writable') {
      fields[name] = name === 'tags' ? [...new Set(value as string[])] : value
    } else {
      refusal ??= refusalOf(name, kind)
    }
  }
  if (refusal !== undefined) throw refusal
  return { ...fields, properties }
}

/** Why a name cannot be set by clients. */
export function refusalOf(name: string, kind: 'readOnly' | 'reserved' | 'locations'): GlanceError {
  return kind === 'readOnly'
    ? new GlanceError('ReadOnlyAttribute', `Attribute '${name}' is read-only.`)
    : new GlanceError('ReservedAttribute', `Attribute '${name}' is reserved.`)
}
