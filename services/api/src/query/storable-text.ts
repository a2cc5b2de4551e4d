import { MAX_NAME } from '@glance/shared/contracts/image'
import { GlanceError } from '@glance/shared/errors/error'

/** Code units of characters outside the Basic Multilingual Plane, and the one character no database keeps. */
const UNSTORABLE = /[\ud800-\udfff\0]/

/**
 * Refuses text that not every database behind this API can keep (BadRequest): characters outside the Basic
 * Multilingual Plane, as the reference service does, and NUL.
 */
export function refuseUnstorable(name: string, value: unknown): void {
  if (typeof value === 'string') {
    if (UNSTORABLE.test(value)) throw unstorable(name)
  } else if (Array.isArray(value)) {
    for (const each of value) refuseUnstorable(name, each)
  }
}

/** Refuses names a custom property cannot have (BadRequest). */
export function checkPropertyName(name: string): void {
  if (name === '') throw new GlanceError('BadRequest', 'A property needs a name.')
  if (name.length > MAX_NAME) {
    throw new GlanceError('BadRequest', `The name of a property has at most ${MAX_NAME} characters.`)
  }
  if (UNSTORABLE.test(name)) throw unstorable('The name of a property')
}

function unstorable(name: string): GlanceError {
  return new GlanceError('BadRequest', `${name} contains a character outside the Basic Multilingual Plane, or NUL.`)
}
