import { GlanceError } from '@glance/shared/errors/error'
import type { ErrorCode } from '@glance/shared/errors/table'

const FULL = new Set(['ENOSPC', 'EFBIG', 'EDQUOT'])
const DENIED = new Set(['EACCES', 'EPERM', 'EROFS'])
/** What the kernel says when there is no such file where one was looked for. */
const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP', 'ENAMETOOLONG'])

/** The kernel's name of a failure, such as ENOSPC; undefined when it is none of the kernel's. */
export function errnoOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown)) return undefined
  return typeof thrown.code === 'string' ? thrown.code : undefined
}

/** True when the kernel said that there is no such file. */
export function isAbsent(thrown: unknown): boolean {
  return ABSENT.has(errnoOf(thrown) ?? '')
}

/** Awaits file access that writes; its failure is StoreFull, StoreWriteDenied or else StoreUnavailable. */
export function writing<T>(work: Promise<T>): Promise<T> {
  return work.catch((cause: unknown) => {
    const errno = errnoOf(cause) ?? ''
    throw failure(FULL.has(errno) ? 'StoreFull' : DENIED.has(errno) ? 'StoreWriteDenied' : 'StoreUnavailable', cause)
  })
}

/** Awaits access to an object by its URL; its failure is StoreObjectNotFound or else StoreUnavailable. */
export function reading<T>(work: Promise<T>): Promise<T> {
  return work.catch((cause: unknown) => {
    throw failure(isAbsent(cause) ? 'StoreObjectNotFound' : 'StoreUnavailable', cause)
  })
}

/** Awaits the removal of an object: StoreObjectNotFound, StoreUnavailable for a broken disk, else StoreWriteDenied. */
export function removing<T>(work: Promise<T>): Promise<T> {
  return work.catch((cause: unknown) => {
    const isBroken = ['EIO', 'ESTALE', 'ENOTCONN', 'ETIMEDOUT', 'EMFILE', 'ENFILE'].includes(errnoOf(cause) ?? '')
    const isGone = errnoOf(cause) === 'ENOENT' || errnoOf(cause) === 'ENOTDIR'
    throw failure(isGone ? 'StoreObjectNotFound' : isBroken ? 'StoreUnavailable' : 'StoreWriteDenied', cause)
  })
}

/** The paths of a store are the operator's business: they stay in the cause, which is not shown to clients. */
function failure(code: ErrorCode, cause: unknown): GlanceError {
  if (cause instanceof GlanceError) return cause
  return new GlanceError(code, undefined, { cause })
}
