import { MAX_NAME } from '@glance/shared/contracts/image'
import { GlanceError } from '@glance/shared/errors/error'

/** Halves of a character without the other half, and the one character no database keeps. */
const UNSTORABLE = /\p{Surrogate}|\0/u

/** Refuses text that not every database behind this API can keep (BadRequest): lone surrogates and NUL. */
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
  // Characters outside the Basic Multilingual Plane are two units of a string but one character.
  if (name.length > MAX_NAME && [...name].length > MAX_NAME) {
    throw new GlanceError('BadRequest', `The name of a property has at most ${MAX_NAME} characters.`)
  }
  if (UNSTORABLE.test(name)) throw unstorable('The name of a property')
}

function unstorable(name: string): GlanceError {
  return new GlanceError('BadRequest', `${name} contains NUL or half of a character (a lone surrogate).`)
}
