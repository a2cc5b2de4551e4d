import { attributeKind, type WritableAttribute } from '@glance/shared/contracts/attributes'
import { type Image, MAX_INT32, MAX_NAME, VISIBILITIES, type Visibility } from '@glance/shared/contracts/image'
import { GlanceError } from '@glance/shared/errors/error'

/** The attributes clients may set that are columns of the image's own row. */
export type ImageColumns = Pick<Image, Exclude<WritableAttribute, 'tags'>>

/** Column widths of the formats (Images v2: image record). */
const MAX_FORMAT = 20
/** Bytes of one property value: what the narrowest of the databases keeps in a text column. */
const MAX_VALUE_BYTES = 65_535

type Reader<T> = (field: string, value: unknown) => T

const READERS: { readonly [C in keyof ImageColumns]: Reader<ImageColumns[C]> } = {
  name: nullable(text(MAX_NAME)),
  visibility: readVisibility,
  protected: readBoolean,
  os_hidden: readBoolean,
  owner: nullable(text(MAX_NAME)),
  disk_format: nullable(text(MAX_FORMAT)),
  container_format: nullable(text(MAX_FORMAT)),
  min_disk: readInt32,
  min_ram: readInt32,
}
const readTag = text(MAX_NAME)
const readName = text(MAX_NAME)
const readValue = text(Number.POSITIVE_INFINITY)

/** True for names of columns that clients may set. */
export function isColumn(name: string): name is keyof ImageColumns {
  return Object.hasOwn(READERS, name)
}

/** The value of a column, once it is of the right type and within its bounds; else BadRequest naming both. */
export function readColumn<C extends keyof ImageColumns>(name: C, value: unknown): ImageColumns[C] {
  return READERS[name](name, value)
}

/** A list of tags without repetitions, in the order given. Throws BadRequest. */
export function readTags(value: unknown): string[] {
  if (!Array.isArray(value)) throw invalid('tags', 'must be a list of strings')
  return [...new Set(value.map((tag) => readTag('tags', tag)))]
}

/** A custom property's value. Throws BadRequest. */
export function readPropertyValue(name: string, value: unknown): string | null {
  if (value === null) return null
  const read = readValue(name, value)
  if (Buffer.byteLength(read) > MAX_VALUE_BYTES) throw invalid(name, `must not be longer than ${MAX_VALUE_BYTES} bytes`)
  return read
}

/** Throws BadRequest for a name no property can have, whoever asks (Images v2: custom properties). */
export function requirePropertyName(name: string): void {
  if (name === '') throw new GlanceError('BadRequest', 'A property name must not be empty.')
  readName('A property name', name)
}

/** Throws ReadOnlyAttribute or ReservedAttribute for names that only the service sets, or nobody. */
export function requireSettable(name: string): void {
  const kind = attributeKind(name)
  if (kind === 'readOnly') throw new GlanceError('ReadOnlyAttribute', `Attribute '${name}' is read-only.`)
  if (kind === 'reserved') throw new GlanceError('ReservedAttribute', `Attribute '${name}' is reserved.`)
}

/** The policy rule a visibility asks for beside that of the call itself. */
export function visibilityRule(visibility: Visibility): string | undefined {
  return visibility === 'public' ? 'publicize_image' : visibility === 'community' ? 'communitize_image' : undefined
}

/** Text of a bounded number of characters that every database can keep. */
function text(max: number): Reader<string> {
  return (field, value) => {
    if (typeof value !== 'string') throw invalid(field, 'must be a string')
    // Characters outside the Basic Multilingual Plane are two units of a string but one character.
    if (value.length > max && Array.from(value).length > max) {
      throw invalid(field, `must not be longer than ${max} characters`)
    }
    if (/[\0\p{Surrogate}]/u.test(value)) throw invalid(field, 'must not contain NUL or half a surrogate pair')
    return value
  }
}

function nullable<T>(read: Reader<T>): Reader<T | null> {
  return (field, value) => (value === null ? null : read(field, value))
}

function readBoolean(field: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw invalid(field, 'must be true or false')
  return value
}

function readInt32(field: string, value: unknown): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > MAX_INT32) {
    throw invalid(field, `must be an integer from 0 to ${MAX_INT32}`)
  }
  return value
}

function readVisibility(field: string, value: unknown): Visibility {
  const visibility = VISIBILITIES.find((known) => known === value)
  if (visibility === undefined) throw invalid(field, `must be one of ${VISIBILITIES.join(', ')}`)
  return visibility
}

function invalid(field: string, rule: string): GlanceError {
  return new GlanceError('BadRequest', `${field} ${rule}.`)
}
