import { IMAGE_STATUSES } from '@glance/shared/contracts/image'
import { describe, expect, it } from 'vitest'
import { requireDownloadable, requireUploadable } from './transfer.ts'

const image = { id: 'i1', status: 'queued', disk_format: 'raw', container_format: 'bare' } as const

describe('requireUploadable', () => {
  it('takes data for a queued image with both formats', () => {
    expect(() => requireUploadable(image)).not.toThrow()
  })

  it.each(IMAGE_STATUSES.filter((status) => status !== 'queued'))('refuses an image that is %s', (status) => {
    // The status is told first: formats could not be set any more.
    expect(() => requireUploadable({ ...image, status, disk_format: null })).toThrow(
      expect.objectContaining({ code: 'Conflict', message: expect.stringContaining(`is ${status}`) }),
    )
  })

  it.each([
    [{ disk_format: null }, 'disk_format must'],
    [{ container_format: null }, 'container_format must'],
    [{ disk_format: null, container_format: null }, 'disk_format, container_format must'],
  ])('names missing formats of %j', (formats, text) => {
    expect(() => requireUploadable({ ...image, ...formats })).toThrow(
      expect.objectContaining({ code: 'FormatsUnset', message: expect.stringContaining(text) }),
    )
  })
})

describe('requireDownloadable', () => {
  it.each(IMAGE_STATUSES)('%s', (status) => {
    const refused = () => requireDownloadable({ id: 'i1', status }, { isAdmin: false })
    if (status === 'deactivated') expect(refused).toThrow(expect.objectContaining({ code: 'Forbidden' }))
    else expect(refused).not.toThrow()
    expect(() => requireDownloadable({ id: 'i1', status }, { isAdmin: true })).not.toThrow()
  })
})
