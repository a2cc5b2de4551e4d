import { createRequire } from 'node:module'

/** What the kernel answered to one sendfile(2). */
export interface SendfileAnswer {
  /** Bytes that went from the file into the socket; 0 at the end of the file. */
  readonly sent: number
  /** Why nothing went: EAGAIN when the socket is full. */
  readonly error?: 'EAGAIN' | 'ECONNRESET' | 'EPIPE' | 'other'
}

/** System calls that Node does not offer. */
export interface Kernel {
  /**
   * sendfile(2): moves up to `count` bytes at `position` of file `from` into socket `to`, without a copy in user
   * space. Runs in the thread pool, because the file may have to be read from a disk; the socket must not block.
   */
  sendfile(to: number, from: number, slice: { position: number; count: number }): Promise<SendfileAnswer>
  /** dup(2), so that a descriptor closed elsewhere meanwhile cannot come to mean another file. -1 on failure. */
  dup(fd: number): number
  /** malloc_trim(3): gives memory that was freed back to the system, where the C library can. */
  trim(): void
}

type Foreign<A extends unknown[], R> = {
  (...args: A): R
  async(...args: [...A, (error: unknown, result: R) => void]): void
}
interface Koffi {
  load(path: null): { func(prototype: string): unknown }
  errno(): number
  readonly os: { readonly errno: Readonly<Record<string, number>> }
}

/**
 * Calls in the thread pool at once. The pool has four threads and serves file access too, which must not queue
 * behind many downloads.
 */
const CALLS_AT_ONCE = 3

let opened: Kernel | null | undefined

/**
 * The kernel, or undefined where its calls cannot be reached: on other systems than Linux, or without the optional
 * native module. Loaded at the first call, some milliseconds.
 */
export function openKernel(): Kernel | undefined {
  if (opened === undefined) opened = process.platform === 'linux' ? tryToBind() : null
  return opened ?? undefined
}

function tryToBind(): Kernel | null {
  try {
    return bind(createRequire(import.meta.url)('koffi') as Koffi)
  } catch {
    return null
  }
}

function bind(koffi: Koffi): Kernel {
  // No path: whichever C library this process runs on.
  const libc = koffi.load(null)
  const sendfile = libc.func('int64_t sendfile(int out, int in, void *offset, size_t count)') as Foreign<
    [number, number, BigInt64Array, number],
    number | bigint
  >
  const dup = libc.func('int dup(int fd)') as Foreign<[number], number>
  const names = new Map<number, SendfileAnswer['error']>()
  for (const name of ['EAGAIN', 'ECONNRESET', 'EPIPE'] as const) names.set(koffi.os.errno[name] ?? -1, name)
  // The native side holds no reference to memory it writes: collected during a call, it would be somebody else's.
  const inUse = new Set<BigInt64Array>()
  const call = (to: number, from: number, { position, count }: { position: number; count: number }) =>
    new Promise<SendfileAnswer>((resolve, reject) => {
      const offset = BigInt64Array.of(BigInt(position))
      inUse.add(offset)
      sendfile.async(to, from, offset, count, (failure, result) => {
        inUse.delete(offset)
        if (failure) return reject(failure)
        const sent = Number(result)
        if (sent >= 0) return resolve({ sent })
        // The number belongs to the call that has just ended, as long as it is read before anything else happens.
        resolve({ sent: 0, error: names.get(koffi.errno()) ?? 'other' })
      })
    })
  return { dup: (fd) => dup(fd), sendfile: limited(call, CALLS_AT_ONCE), trim: bindTrim(libc) }
}

function bindTrim(libc: ReturnType<Koffi['load']>): () => void {
  try {
    const trim = libc.func('int malloc_trim(size_t keep)') as Foreign<[number], number>
    return () => void trim(0)
  } catch {
    // A C library other than glibc.
    return () => undefined
  }
}

/** Lets at most `most` calls run at once, the others in order of their coming. */
function limited<A extends unknown[], R>(run: (...args: A) => Promise<R>, most: number): (...args: A) => Promise<R> {
  const waiting: (() => void)[] = []
  let running = 0
  return async (...args) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve))
    else running += 1
    try {
      return await run(...args)
    } finally {
      const next = waiting.shift()
      // A waiting call takes over this one's turn.
      if (next === undefined) running -= 1
      else next()
    }
  }
}
