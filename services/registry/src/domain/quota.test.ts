import { describe, expect, it } from 'vitest'
import { countProperties, requireQuota } from './quota.ts'

const limits = { properties: 3, tags: 2, members: 0, locations: -1 }

describe('requireQuota', () => {
  it.each<[keyof typeof limits, number, number]>([
    ['properties', 0, 3],
    ['tags', 5, 4],
    ['tags', 5, 5],
    ['members', 0, 0],
    ['members', 2, 1],
    ['locations', 0, 10_000],
  ])('lets %s go from %i to %i', (kind, before, after) => {
    expect(() => requireQuota(kind, limits, { before, after })).not.toThrow()
  })

  it.each<[keyof typeof limits, number, number, string]>([
    ['properties', 3, 4, 'image properties (image_property_quota). Attempted: 4, Maximum: 3'],
    ['tags', 5, 6, 'image tags (image_tag_quota). Attempted: 6, Maximum: 2'],
    ['members', 0, 1, 'image members (image_member_quota). Attempted: 1, Maximum: 0'],
  ])('refuses %s going from %i to %i', (kind, before, after, text) => {
    expect(() => requireQuota(kind, limits, { before, after })).toThrow(
      expect.objectContaining({ code: 'TooLarge', message: expect.stringContaining(text) }),
    )
  })

  it('does not count what the service writes for itself', () => {
    expect(countProperties(['a', 'os_glance_importing_to_stores', 'os_glance', 'os_glan'])).toBe(2)
  })
})
