import { IMAGE_STATUSES } from '@glance/shared/contracts/image'
import { expect, it } from 'vitest'
import { requireDeletable } from './image-delete.ts'

it.each(IMAGE_STATUSES.filter((status) => status !== 'deleted'))('an image that is %s can be deleted', (status) => {
  expect(() => requireDeletable({ id: 'i1', protected: false, status })).not.toThrow()
})

it('a deleted one cannot', () => {
  expect(() => requireDeletable({ id: 'i1', protected: false, status: 'deleted' })).toThrow(
    expect.objectContaining({ code: 'InvalidTransition' }),
  )
})

it('a protected one cannot, whatever its status', () => {
  for (const status of IMAGE_STATUSES) {
    expect(() => requireDeletable({ id: 'i1', protected: true, status })).toThrow(
      expect.objectContaining({ code: 'Forbidden', message: 'Image i1 is protected and cannot be deleted.' }),
    )
  }
})
