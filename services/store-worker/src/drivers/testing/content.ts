import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { OpenObject } from '../driver.ts'

export const KIB = 1024
export const MIB = 1024 * 1024

/** Test data of `size` bytes, told from others of the same size by `seed`: no part of it repeats nearby. */
export function content(size: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(size)
  fill(bytes, 0, seed)
  return bytes
}

/** Fills `bytes` with what `content(…, seed)` holds from `position` on. */
function fill(bytes: Uint8Array, position: number, seed: number): void {
  for (let i = 0; i < bytes.length; i += 1) {
    const at = position + i
    bytes[i] = (Math.imul(at ^ (at >>> 9), 0x9e3779b1) ^ Math.imul(seed, at >>> 13)) >>> 24
  }
}

/**
 * Yields `bytes` as a transfer does: every chunk in one shared buffer, which is overwritten as soon as the next is
 * asked for.
 */
export async function* lent(bytes: Uint8Array, chunk = MIB): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(new SharedArrayBuffer(chunk))
  for (let at = 0; at < bytes.length; at += chunk) {
    const part = bytes.subarray(at, at + chunk)
    buffer.set(part)
    yield buffer.subarray(0, part.length)
    buffer.fill(0xee)
  }
}

/** Yields the first `size` bytes of some content, and then throws. */
export async function* broken(size: number, failure: Error): AsyncGenerator<Uint8Array> {
  yield* lent(content(size), 300_000)
  throw failure
}

/** Yields chunks until it is no longer asked, one each `everyMs`. */
export async function* endless(everyMs = 1): AsyncGenerator<Uint8Array> {
  for (let seed = 0; ; seed += 1) {
    yield content(64 * KIB, seed)
    await sleep(everyMs)
  }
}

/** Yields a mebibyte, calls `onWait`, and never answers again. */
export function hanging(onWait: () => void): AsyncIterable<Uint8Array> {
  let asked = 0
  const next = (): Promise<IteratorResult<Uint8Array>> => {
    asked += 1
    if (asked === 1) return Promise.resolve({ done: false, value: content(MIB) })
    onWait()
    return new Promise(() => undefined)
  }
  return { [Symbol.asyncIterator]: () => ({ next }) }
}

/** All bytes of an opened object, which ends closed. */
export async function readAll({ bytes }: OpenObject): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of bytes) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** SHA-256 in hex: a failed comparison of large contents is told in a line. */
export function digest(bytes: Uint8Array): string {
  return `${bytes.length} bytes, sha256 ${createHash('sha256').update(bytes).digest('hex')}`
}
