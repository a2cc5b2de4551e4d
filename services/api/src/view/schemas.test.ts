import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { expect, test } from 'vitest'
import { imageAttributes } from '../schema/image-attributes.ts'
import { aConfig, anImage } from '../testing/fake-parts.ts'
import { imageView } from './image.ts'
import { imageSchemaDocument, imagesSchemaDocument } from './schemas.ts'

interface Document {
  name: string
  properties: Record<string, Record<string, unknown>>
  additionalProperties?: unknown
  links: { rel: string; href: string }[]
}
const attributes = imageAttributes(aConfig)
const document = imageSchemaDocument(attributes) as unknown as Document
const checker = Compile(Type.Unsafe<unknown>({ type: 'object', ...document }))
const views = imageView({ multistore: true, showImageDirectUrl: true, showMultipleLocations: true })

test('what we show is valid by what we publish, for every kind of image', () => {
  const bare = { ...anImage, name: null, disk_format: null, container_format: null, size: null, checksum: null }
  const properties = { any: 'x', architecture: 'arm64', instance_uuid: 'u' }
  for (const image of [
    { ...anImage, properties },
    { ...bare, os_hash_algo: null, os_hash_value: null, properties: {} },
  ]) {
    const view = JSON.parse(JSON.stringify(views(image)))
    expect(checker.Errors(view)).toEqual([])
  }
  expect(checker.Check({ ...anImage, custom: 5 })).toBe(false)
})

test('format enumerations begin with null and follow the configuration', () => {
  expect(document.properties.disk_format).toMatchObject({ type: ['null', 'string'], enum: [null, 'raw', 'qcow2'] })
  expect(document.properties.container_format).toMatchObject({ enum: [null, 'bare', 'ova'] })
})

test('every property is described, and only the well-known custom ones say that they are not base', () => {
  const undescribed = Object.entries(document.properties).filter(([, schema]) => typeof schema.description !== 'string')
  expect(undescribed).toEqual([])
  const custom = Object.entries(document.properties).filter(([, schema]) => 'is_base' in schema)
  expect(custom.map(([name, schema]) => [name, schema.is_base])).toEqual(
    [
      'kernel_id',
      'ramdisk_id',
      'instance_uuid',
      'architecture',
      'os_distro',
      'os_version',
      'description',
      'cinder_encryption_key_id',
      'cinder_encryption_key_deletion_policy',
    ].map((name) => [name, false]),
  )
})

test('what clients cannot set is marked read-only', () => {
  const readOnly = Object.entries(document.properties).filter(([, schema]) => schema.readOnly === true)
  expect(readOnly.map(([name]) => name).sort()).toEqual(
    'checksum created_at direct_url file os_hash_algo os_hash_value schema self size status stores updated_at virtual_size'.split(
      ' ',
    ),
  )
})

test('both documents bear their names and links', () => {
  const list = imagesSchemaDocument(attributes) as unknown as Document
  expect([document.name, document.additionalProperties, document.links.map(({ rel }) => rel)]).toEqual([
    'image',
    { type: 'string' },
    ['self', 'enclosure', 'describedby'],
  ])
  expect([list.name, list.properties.images?.items, list.links.map(({ rel, href }) => [rel, href])]).toEqual([
    'images',
    document,
    [
      ['first', '{first}'],
      ['next', '{next}'],
      ['describedby', '{schema}'],
    ],
  ])
})
