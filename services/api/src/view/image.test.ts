import { expect, test } from 'vitest'
import { anImage, IMAGE_ID } from '../testing/fake-parts.ts'
import { imageView } from './image.ts'

const shown = { multistore: true, showImageDirectUrl: true, showMultipleLocations: true }
const hidden = { multistore: false, showImageDirectUrl: false, showMultipleLocations: false }

test('properties lie flat, null ones as empty text, internal ones not at all', () => {
  expect(imageView(hidden)(anImage)).toEqual({
    architecture: 'x86_64',
    kernel_id: '',
    id: IMAGE_ID,
    name: 'cirros',
    status: 'active',
    visibility: 'shared',
    protected: false,
    os_hidden: false,
    owner: 'p1',
    disk_format: 'qcow2',
    container_format: 'bare',
    min_disk: 0,
    min_ram: 64,
    size: 10,
    virtual_size: null,
    checksum: 'd41d8cd98f00b204e9800998ecf8427e',
    os_hash_algo: 'sha512',
    os_hash_value: 'cf83e1357eefb8bd',
    created_at: '2026-01-02T03:04:05Z',
    updated_at: '2026-01-02T03:04:05Z',
    tags: ['small'],
    self: `/v2/images/${IMAGE_ID}`,
    file: `/v2/images/${IMAGE_ID}/file`,
    schema: '/v2/schemas/image',
  })
})

test('where the data lie is shown as configured', () => {
  expect(imageView(shown)(anImage)).toMatchObject({
    stores: 'fast,cheap',
    direct_url: 'file:///images/a',
    locations: anImage.locations,
  })
})

test('without readable locations only the empty list shows', () => {
  const view = imageView(shown)({ ...anImage, locations: [] })
  expect(view.locations).toEqual([])
  expect(view).not.toHaveProperty('stores')
  expect(view).not.toHaveProperty('direct_url')
})

test('import progress shows, and no property can pose as an attribute', () => {
  const properties = { os_glance_importing_to_stores: 'fast', size: '999', __proto__: null }
  const view = imageView(hidden)({ ...anImage, properties })
  expect(view).toMatchObject({ os_glance_importing_to_stores: 'fast', size: 10 })
})

test('a property may bear the name of a prototype', () => {
  const properties = JSON.parse('{"__proto__": "x", "constructor": "y"}')
  expect(JSON.stringify(imageView(hidden)({ ...anImage, properties }))).toContain('"__proto__":"x","constructor":"y"')
})
