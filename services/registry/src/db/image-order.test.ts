import { describe, expect, it } from 'vitest'
import { afterMarker, markerValues, orderBy, sortTerms } from './image-order.ts'

const words = (sort: Parameters<typeof sortTerms>[0]) => sortTerms(sort).map(({ key, dir }) => `${key} ${dir}`)

describe('sortTerms', () => {
  it('newest first without a wish', () => {
    expect(words([])).toEqual(['created_at desc', 'id desc'])
  })

  it('ties follow the direction of all keys, or go down when they differ', () => {
    expect(words([{ key: 'name', dir: 'asc' }])).toEqual(['name asc', 'created_at asc', 'id asc'])
    expect(
      words([
        { key: 'name', dir: 'asc' },
        { key: 'size', dir: 'asc' },
      ]),
    ).toEqual(['name asc', 'size asc', 'created_at asc', 'id asc'])
    expect(
      words([
        { key: 'name', dir: 'asc' },
        { key: 'size', dir: 'desc' },
      ]),
    ).toEqual(['name asc', 'size desc', 'created_at desc', 'id desc'])
  })

  it('a key named twice counts once, and nothing follows the id', () => {
    expect(
      words([
        { key: 'created_at', dir: 'asc' },
        { key: 'created_at', dir: 'desc' },
      ]),
    ).toEqual(['created_at asc', 'id desc'])
    expect(
      words([
        { key: 'id', dir: 'asc' },
        { key: 'name', dir: 'asc' },
      ]),
    ).toEqual(['id asc'])
  })
})

describe('orderBy', () => {
  const terms = sortTerms([
    { key: 'name', dir: 'asc' },
    { key: 'size', dir: 'desc' },
  ])

  it('says where NULL goes only to PostgreSQL, and only of columns that may be NULL', () => {
    expect(orderBy(terms, 'sqlite').text).toBe('i.name ASC, i.size DESC, i.created_at DESC, i.id DESC')
    expect(orderBy(terms, 'postgresql').text).toBe(
      'i.name ASC NULLS FIRST, i.size DESC NULLS LAST, i.created_at DESC, i.id DESC',
    )
  })
})

describe('afterMarker', () => {
  it('begins at the marker and breaks its ties', () => {
    const terms = sortTerms([])
    const at = new Date('2026-01-02T03:04:05.678Z')
    const condition = afterMarker(terms, markerValues(terms, [at.toISOString(), 'x']))
    expect(condition.text).toBe('(i.created_at <= ?) AND (((i.created_at < ?)) OR ((i.created_at = ?) AND (i.id < ?)))')
    expect(condition.values).toEqual([at, at, at, 'x'])
  })

  it('after NULL comes every value going up, and only ties going down', () => {
    const up = sortTerms([{ key: 'size', dir: 'asc' }])
    expect(afterMarker(up, [null, new Date(0), 'x']).text).toContain('((i.size IS NOT NULL)) OR ((i.size IS NULL) AND')
    const down = sortTerms([{ key: 'size', dir: 'desc' }])
    expect(afterMarker(down, [null, new Date(0), 'x']).text).toMatch(
      /^\(\(\(i\.size IS NULL\) AND \(i\.created_at < \?\)\)/,
    )
    expect(afterMarker(down, [7, new Date(0), 'x']).text).toContain('(i.size < ?) OR (i.size IS NULL)')
  })
})
