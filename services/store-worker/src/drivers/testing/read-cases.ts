import { closeSync, openSync, readSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { type Capability, LendingReadable, type OpenObject } from '../driver.ts'
import { type Bench, expectCode, live } from './bench.ts'
import { content, digest, KIB, MIB, readAll } from './content.ts'
import type { Traits } from './under-test.ts'

const SIZE = MIB + 300 * KIB + 17
const EDGES = [0, 1, 4 * KIB, 64 * KIB, 256 * KIB, MIB, SIZE - 1]
const FOREIGN = ['', 'nonsense', 'nosuch://host/object', 'file:///etc/passwd', 'file:///', '../x']

/** The ranges that begin or end at, just before or just after an edge. */
function ranges(): { first: number; last: number }[] {
  const points = [...new Set(EDGES.flatMap((edge) => [edge - 1, edge, edge + 1]))].filter((at) => at >= 0 && at < SIZE)
  return points.flatMap((first) => points.filter((last) => last >= first).map((last) => ({ first, last })))
}

async function lend(bytes: LendingReadable): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  await bytes.lend(async (chunk) => void chunks.push(Uint8Array.from(chunk)))
  return Buffer.concat(chunks)
}

function readFd({ file, length }: OpenObject): Uint8Array {
  const buffer = new Uint8Array(length)
  if (file === undefined) throw new Error('the store has no local files')
  readSync(file.fd, buffer, 0, length, file.start)
  return buffer
}

/** What get and stat must be. */
export function readCases(bench: () => Bench, traits: Traits): void {
  const has = (...all: Capability[]): boolean => all.every((each) => traits.can.includes(each))
  const driver = () => bench().underTest.driver
  const open = (url: string, range?: { first: number; last: number }): Promise<OpenObject> =>
    driver().get(url, { ...(range && { range }), signal: live() })

  const lending = async (url: string): Promise<LendingReadable> => {
    const { bytes } = await open(url)
    if (!(bytes instanceof LendingReadable)) throw new Error('the store does not lend')
    return bytes
  }

  describe('get', () => {
    if (has('range'))
      it('yields every range', { timeout: 60_000 }, async () => {
        const bytes = content(SIZE)
        const url = await bench().object(bytes)
        for (const range of ranges()) {
          const opened = await open(url, range)
          const wanted = bytes.subarray(range.first, range.last + 1)
          expect(opened.length).toBe(wanted.length)
          if (traits.localFiles) expect(digest(readFd(opened)), 'by descriptor').toBe(digest(wanted))
          expect(digest(await readAll(opened)), `bytes ${range.first}-${range.last}`).toBe(digest(wanted))
        }
      })

    if (has('range'))
      it('refuses a range beyond the end', async () => {
        const url = await bench().object(content(10))
        await expectCode(open(url, { first: 5, last: 10 }), 'StoreUnavailable')
      })

    if (traits.lends) {
      it('lends the same bytes', async () => {
        const bytes = content(SIZE)
        const stream = await lending(await bench().object(bytes))
        expect(digest(await lend(stream))).toBe(digest(bytes))
        expect(stream.destroyed).toBe(true)
      })

      it('frees a stream whose taker failed', async () => {
        const stream = await lending(await bench().object(content(SIZE)))
        const enough = new Error('enough')
        await expect(stream.lend(() => Promise.reject(enough))).rejects.toBe(enough)
        expect(stream.destroyed).toBe(true)
      })
    }

    it('frees everything when it is destroyed unread, half read or read', async () => {
      const url = await bench().object(content(SIZE))
      const unread = await open(url)
      unread.bytes.destroy()
      unread.bytes.destroy()
      const half = await open(url)
      for await (const _ of half.bytes) break
      const whole = await open(url)
      await readAll(whole)
      whole.bytes.destroy()
      const taken = (await open(url)).bytes
      taken.read()
      taken.destroy()
      for (const { bytes } of [unread, half, whole]) expect(bytes.destroyed).toBe(true)
    })

    if (traits.localFiles)
      it('does not close a descriptor twice', async () => {
        const opened = await open(await bench().object(content(10)))
        opened.bytes.destroy()
        await new Promise((resolve) => opened.bytes.once('close', resolve))
        // The number is free now, and the next file gets it.
        const fd = openSync('/dev/null', 'r')
        opened.bytes.destroy()
        await sleep(50)
        expect(() => closeSync(fd)).not.toThrow()
      })

    it('ends when the signal aborts', async () => {
      const url = await bench().object(content(SIZE))
      const abort = new AbortController()
      const { bytes } = await driver().get(url, { signal: abort.signal })
      const closed = new Promise((resolve) => bytes.once('close', resolve))
      abort.abort(new Error('enough'))
      await closed
      expect(bytes.errored).toBeInstanceOf(Error)
      const reason = new Error('too late')
      await expect(driver().get(url, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    })

    it('serves several readers at once', async () => {
      const bytes = content(SIZE)
      const url = await bench().object(bytes)
      const read = await Promise.all(Array.from({ length: 8 }, async () => digest(await readAll(await open(url)))))
      expect(new Set(read)).toEqual(new Set([digest(bytes)]))
    })
  })

  describe('a location', () => {
    if (has('write'))
      it('of nothing is StoreObjectNotFound', async () => {
        const url = await bench().goneUrl()
        await expectCode(open(url), 'StoreObjectNotFound')
        await expectCode(driver().stat(url), 'StoreObjectNotFound')
        await expectCode(driver().delete(url), 'StoreObjectNotFound')
      })

    it.for(FOREIGN)('of another store, %j, is BadRequest', async (url) => {
      await expectCode(open(url), 'BadRequest')
      await expectCode(driver().stat(url), 'BadRequest')
      await expectCode(driver().delete(url), has('write') ? 'BadRequest' : 'StoreReadOnly')
    })
  })
}
