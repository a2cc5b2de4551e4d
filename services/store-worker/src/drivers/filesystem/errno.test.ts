import { GlanceError } from '@glance/shared/errors/error'
import { describe, expect, it } from 'vitest'
import { reading, removing, writing } from './errno.ts'

const failing = (code: string) => Promise.reject(Object.assign(new Error(`${code}: /var/lib/secret`), { code }))

describe('what the kernel says', () => {
  it.for([
    [writing, 'StoreFull', ['ENOSPC', 'EFBIG', 'EDQUOT']],
    [writing, 'StoreWriteDenied', ['EACCES', 'EPERM', 'EROFS']],
    [writing, 'StoreUnavailable', ['EIO', 'ESTALE', 'ENOTCONN', 'ENOENT', 'EMFILE']],
    [reading, 'StoreObjectNotFound', ['ENOENT', 'ENOTDIR', 'ELOOP']],
    [reading, 'StoreUnavailable', ['EIO', 'ESTALE', 'ENOTCONN', 'EACCES', 'EMFILE']],
    [removing, 'StoreObjectNotFound', ['ENOENT']],
    [removing, 'StoreWriteDenied', ['EACCES', 'EPERM', 'EROFS', 'EISDIR', 'EBUSY']],
    [removing, 'StoreUnavailable', ['EIO', 'ESTALE', 'ENOTCONN']],
  ] as const)('%o is %s for %o', async ([access, code, errnos]) => {
    for (const errno of errnos) {
      const told: unknown = await access(failing(errno)).catch((thrown: unknown) => thrown)
      expect(told, errno).toMatchObject({ code, cause: { code: errno } })
      expect(String(told)).not.toContain('/var/lib')
    }
  })

  it('leaves errors that have their name already', async () => {
    const named = new GlanceError('Duplicate')
    await expect(writing(Promise.reject(named))).rejects.toBe(named)
  })
})
