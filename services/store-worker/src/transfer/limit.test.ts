import { describe, expect, it } from 'vitest'
import { openSizeLimit } from './limit.ts'

describe('the size of a stream', () => {
  it('is counted', () => {
    const limit = openSizeLimit({ limit: 10 })
    limit.admit(4)
    limit.admit(6)
    expect(limit.finish()).toBe(10)
  })

  it('must not pass the limit', () => {
    const limit = openSizeLimit({ limit: 10, announced: 11 })
    limit.admit(10)
    expect(() => limit.admit(1)).toThrow(expect.objectContaining({ code: 'TooLarge' }))
  })

  it('must not pass what was announced, and must reach it', () => {
    const limit = openSizeLimit({ limit: 10, announced: 5 })
    limit.admit(3)
    expect(() => limit.finish()).toThrow(expect.objectContaining({ code: 'SizeMismatch' }))
    limit.admit(2)
    expect(limit.finish()).toBe(5)
    expect(() => limit.admit(1)).toThrow(expect.objectContaining({ code: 'SizeMismatch' }))
  })
})
