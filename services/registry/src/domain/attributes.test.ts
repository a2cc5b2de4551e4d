import { MAX_INT32 } from '@glance/shared/contracts/image'
import { describe, expect, it } from 'vitest'
import { type ImageColumns, readColumn, readPropertyValue, readTags, requirePropertyName } from './attributes.ts'

const long = 'x'.repeat(256)
/** 255 characters of two UTF-16 units each. */
const wide = '\u{1F600}'.repeat(255)

describe('readColumn', () => {
  it.each<[keyof ImageColumns, unknown]>([
    ['name', null],
    ['name', ''],
    ['name', wide],
    ['visibility', 'community'],
    ['protected', false],
    ['os_hidden', true],
    ['owner', null],
    ['disk_format', 'qcow2'],
    ['container_format', null],
    ['min_disk', 0],
    ['min_ram', MAX_INT32],
  ])('takes %s %j', (name, value) => {
    expect(readColumn(name, value)).toBe(value)
  })

  it.each<[keyof ImageColumns, unknown, string]>([
    ['name', 1, 'name must be a string.'],
    ['name', long, 'name must not be longer than 255 characters.'],
    ['name', `${wide}x`, 'name must not be longer than 255 characters.'],
    ['name', 'a\0', 'name must not contain NUL or half a surrogate pair.'],
    ['name', '\ud83d', 'name must not contain NUL or half a surrogate pair.'],
    ['owner', ['p'], 'owner must be a string.'],
    ['disk_format', 'x'.repeat(21), 'disk_format must not be longer than 20 characters.'],
    ['visibility', 'hidden', 'visibility must be one of public, private, shared, community.'],
    ['visibility', null, 'visibility must be one of public, private, shared, community.'],
    ['protected', 'true', 'protected must be true or false.'],
    ['os_hidden', null, 'os_hidden must be true or false.'],
    ['min_disk', -1, `min_disk must be an integer from 0 to ${MAX_INT32}.`],
    ['min_disk', 1.5, `min_disk must be an integer from 0 to ${MAX_INT32}.`],
    ['min_ram', MAX_INT32 + 1, `min_ram must be an integer from 0 to ${MAX_INT32}.`],
    ['min_ram', '1', `min_ram must be an integer from 0 to ${MAX_INT32}.`],
  ])('refuses %s %j', (name, value, message) => {
    expect(() => readColumn(name, value)).toThrow(expect.objectContaining({ code: 'BadRequest', message }))
  })
})

describe('tags', () => {
  it('are a set in the order given', () => {
    expect(readTags(['b', 'a', 'b', '\u{1F600}'])).toEqual(['b', 'a', '\u{1F600}'])
  })

  it.each([[null], ['a'], [{}], [[1]], [[long]]])('cannot be %j', (value) => {
    expect(() => readTags(value)).toThrow(expect.objectContaining({ code: 'BadRequest' }))
  })
})

describe('properties', () => {
  it('take text of up to 65,535 bytes, or null', () => {
    expect(readPropertyValue('a', null)).toBeNull()
    expect(readPropertyValue('a', 'é'.repeat(32_767))).toHaveLength(32_767)
    expect(() => readPropertyValue('a', 'é'.repeat(32_768))).toThrow('a must not be longer than 65535 bytes.')
    expect(() => readPropertyValue('a', 5)).toThrow('a must be a string.')
  })

  it.each([
    ['', 'must not be empty'],
    [long, 'not be longer than 255'],
    ['a\0b', 'NUL'],
  ])('cannot be called %j', (name, text) => {
    expect(() => requirePropertyName(name)).toThrow(
      expect.objectContaining({ code: 'BadRequest', message: expect.stringContaining(text) }),
    )
  })
})
