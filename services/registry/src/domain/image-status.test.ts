import { IMAGE_STATUSES } from '@glance/shared/contracts/image'
import { describe, expect, it } from 'vitest'
import { canTransition, requireTransition } from './image-status.ts'

const ALLOWED = new Set(
  `queued>saving queued>uploading queued>importing queued>active queued>deleted
   saving>active saving>queued saving>killed saving>deleted
   uploading>importing uploading>queued uploading>deleted
   importing>active importing>queued importing>deleted
   active>deactivated active>pending_delete active>deleted
   deactivated>active deactivated>pending_delete deactivated>deleted
   pending_delete>deleted pending_delete>active killed>deleted`.split(/\s+/),
)

describe('status machine', () => {
  const pairs = IMAGE_STATUSES.flatMap((from) => IMAGE_STATUSES.map((to) => [from, to] as const))
  it.each(pairs)('%s to %s', (from, to) => {
    const allowed = ALLOWED.has(`${from}>${to}`)
    expect(canTransition(from, to)).toBe(allowed)
    const change = () => requireTransition(from, to)
    if (allowed) expect(change).not.toThrow()
    else {
      const message = `Image status transition from ${from} to ${to} is not allowed`
      expect(change).toThrow(expect.objectContaining({ code: 'InvalidTransition', message }))
    }
  })
})
