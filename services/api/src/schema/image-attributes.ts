import { IMAGE_STATUSES, MAX_INT32, MAX_NAME, UUID_PATTERN, VISIBILITIES } from '@glance/shared/contracts/image'
import { GlanceError } from '@glance/shared/errors/error'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'

/** A JSON schema of one attribute, as published and as checked. */
export type AttributeSchema = Readonly<Record<string, unknown>>

/** What the enumerations of an image depend on. */
export interface Formats {
  readonly diskFormats: readonly string[]
  readonly containerFormats: readonly string[]
}

/** Every attribute of an image with a meaning of its own, and the checks made from them. */
export interface ImageAttributes {
  /** Attributes every image has. */
  readonly base: Readonly<Record<string, AttributeSchema>>
  /** Custom properties whose meaning is agreed on. */
  readonly wellKnown: Readonly<Record<string, AttributeSchema>>
  /** Throws BadRequest naming the attribute and the rule that `value` breaks. */
  check(name: string, value: unknown): void
}

const text = (description: string, rules: AttributeSchema = {}) => ({ type: 'string', description, ...rules })
const maybeText = (description: string, rules: AttributeSchema = {}) => ({
  type: ['null', 'string'],
  description,
  ...rules,
})
const maybeInteger = (description: string, rules: AttributeSchema = {}) => ({
  type: ['null', 'integer'],
  description,
  ...rules,
})
const flag = (description: string) => ({ type: 'boolean', description })
const READ_ONLY = { readOnly: true }

/** Who measured a location's data, in a PATCH of locations (Images v2 contract: locations through PATCH). */
const VALIDATION_DATA: AttributeSchema = {
  type: 'object',
  description: 'Digests of the data at this location.',
  writeOnly: true,
  additionalProperties: false,
  properties: {
    checksum: { type: 'string', minLength: 32, maxLength: 32 },
    os_hash_algo: { type: 'string', maxLength: 64 },
    os_hash_value: { type: 'string', maxLength: 128 },
  },
  required: ['os_hash_algo', 'os_hash_value'],
}

/** One location. */
export const LOCATION: AttributeSchema = {
  type: 'object',
  properties: {
    url: { type: 'string' },
    metadata: { type: 'object' },
    validation_data: VALIDATION_DATA,
  },
  required: ['url', 'metadata'],
}

/** What every custom property without a schema of its own must be. */
export const ANY_PROPERTY: AttributeSchema = { type: 'string' }

/** The attributes of an image (Images v2 contract: image representation and schemas). */
export function imageAttributes(formats: Formats): ImageAttributes {
  const base = baseAttributes(formats)
  const wellKnown = wellKnownProperties()
  const schemas = new Map<string, AttributeSchema>([...Object.entries(base), ...Object.entries(wellKnown)])
  const compiled = new Map<AttributeSchema, ReturnType<typeof compile>>()
  const checkerOf = (schema: AttributeSchema) => {
    const known = compiled.get(schema)
    if (known !== undefined) return known
    const fresh = compile(schema)
    compiled.set(schema, fresh)
    return fresh
  }
  return {
    base,
    wellKnown,
    check: (name, value) => {
      const checker = checkerOf(schemas.get(name) ?? ANY_PROPERTY)
      if (checker.Check(value)) return
      const fault = checker.Errors(value)[0]
      throw new GlanceError('BadRequest', `${name}${fault?.instancePath ?? ''} ${fault?.message ?? 'is malformed'}.`)
    },
  }
}

function compile(schema: AttributeSchema) {
  return Compile(Type.Unsafe<unknown>({ ...schema }))
}

function baseAttributes(formats: Formats): Record<string, AttributeSchema> {
  return {
    id: text('Identifier of the image.', { pattern: UUID_PATTERN }),
    name: maybeText('What people call the image.', { maxLength: MAX_NAME }),
    status: text('Where the image is in its life.', { enum: IMAGE_STATUSES, ...READ_ONLY }),
    visibility: text('Who may find and use the image.', { enum: VISIBILITIES }),
    protected: flag('Whether the image is kept from being deleted.'),
    os_hidden: flag('Whether lists leave the image out unless it is asked for.'),
    checksum: maybeText('MD5 of the data in hexadecimal.', { maxLength: 32, ...READ_ONLY }),
    os_hash_algo: maybeText('Algorithm of os_hash_value.', { maxLength: 64, ...READ_ONLY }),
    os_hash_value: maybeText('Digest of the data in hexadecimal.', { maxLength: 128, ...READ_ONLY }),
    owner: maybeText('Project that owns the image.', { maxLength: 255 }),
    size: maybeInteger('Bytes of data.', READ_ONLY),
    virtual_size: maybeInteger('Bytes of the disk that the data describe.', READ_ONLY),
    container_format: maybeText('Format of the container around the disk.', {
      enum: [null, ...formats.containerFormats],
    }),
    disk_format: maybeText('Format of the disk.', { enum: [null, ...formats.diskFormats] }),
    created_at: text('When the image was registered.', READ_ONLY),
    updated_at: text('When the image last changed.', READ_ONLY),
    tags: {
      type: 'array',
      description: 'Words to find the image by.',
      items: { type: 'string', maxLength: 255 },
    },
    direct_url: text('Where the data lie in a store.', READ_ONLY),
    min_ram: { type: 'integer', description: 'MiB of memory a server needs to boot it.', ...upTo(MAX_INT32) },
    min_disk: { type: 'integer', description: 'GiB of disk a server needs to boot it.', ...upTo(MAX_INT32) },
    self: text('Path of the image.', READ_ONLY),
    file: text('Path of the data.', READ_ONLY),
    stores: text('Ids of the stores that hold the data, joined by commas.', READ_ONLY),
    schema: text('Path of the schema of an image.', READ_ONLY),
    locations: { type: 'array', description: 'Where the data lie, and what is known of each place.', items: LOCATION },
  }
}

function upTo(maximum: number): AttributeSchema {
  return { minimum: 0, maximum }
}

function wellKnownProperties(): Record<string, AttributeSchema> {
  const isCustom = { is_base: false }
  return {
    kernel_id: maybeText('Image to boot as the kernel of an AMI-style image.', { pattern: UUID_PATTERN, ...isCustom }),
    ramdisk_id: maybeText('Image to load as the ramdisk of an AMI-style image.', {
      pattern: UUID_PATTERN,
      ...isCustom,
    }),
    instance_uuid: text('Server that the image was taken from.', isCustom),
    architecture: text('CPU architecture the image runs on.', isCustom),
    os_distro: text('Common name of the operating system distribution.', isCustom),
    os_version: text('Version of the operating system as its distributor names it.', isCustom),
    description: text('What people should know of the image.', isCustom),
    cinder_encryption_key_id: text('Key that volumes made of this image are encrypted with.', isCustom),
    cinder_encryption_key_deletion_policy: text('When the key of cinder_encryption_key_id is deleted.', {
      enum: ['on_image_deletion', 'do_not_delete'],
      ...isCustom,
    }),
  }
}
