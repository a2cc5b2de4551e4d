import type { FileHandle } from 'node:fs/promises'
import { writing } from './errno.ts'

/** Bytes after which the disk is set to work, so that little is left to wait for at the end. */
const STRIDE = 32 * 1024 * 1024
/**
 * Waits for the disk at once, of one store. Each holds one of the few threads (four, unless the process was started
 * with more) that all file access shares, and may hold it for long.
 */
const AT_ONCE = 2

/** Turns to wait for the disk, shared by all puts of a store. */
export interface FlushGate {
  /** Takes a turn if one is free and nobody waits. */
  tryEnter(): boolean
  /** Takes a turn, after those who wait already. */
  enter(): Promise<void>
  leave(): void
}

/** Makes the turns of one store. */
export function openFlushGate(): FlushGate {
  const waiting: (() => void)[] = []
  let running = 0
  const tryEnter = (): boolean => {
    if (running >= AT_ONCE) return false
    running += 1
    return true
  }
  return {
    tryEnter,
    async enter() {
      if (!tryEnter()) await new Promise<void>((resolve) => waiting.push(resolve))
    },
    leave() {
      const next = waiting.shift()
      // A waiting call takes over this one's turn.
      if (next === undefined) running -= 1
      else next()
    },
  }
}

/** Brings the pages of one file to the disk, early and while it still grows. */
export interface WriteBack {
  /** To be called after each write; never waits. Throws what the disk answered to an earlier flush. */
  advance(position: number): void
  /** Waits until all is on the disk, size and mode included. */
  finish(): Promise<void>
}

/** Makes the write-back of one file. Its methods throw StoreFull, StoreWriteDenied and StoreUnavailable. */
export function openWriteBack(file: FileHandle, gate: FlushGate): WriteBack {
  let flushedTo = 0
  let current: Promise<void> | undefined
  // The kernel tells a write error only once.
  let failure: { readonly thrown: unknown } | undefined

  const flush = async (): Promise<void> => {
    try {
      await writing(file.datasync())
    } catch (thrown) {
      failure ??= { thrown }
    } finally {
      gate.leave()
      current = undefined
    }
  }
  const throwIfFailed = (): void => {
    if (failure !== undefined) throw failure.thrown
  }

  return {
    advance(position) {
      throwIfFailed()
      if (position - flushedTo < STRIDE || current !== undefined || !gate.tryEnter()) return
      flushedTo = position
      current = flush()
    },
    async finish() {
      await current
      throwIfFailed()
      await gate.enter()
      try {
        await writing(file.sync())
      } finally {
        gate.leave()
      }
    },
  }
}
