import { randomInt, randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Capability } from '../driver.ts'
import { type Bench, expectCode, live } from './bench.ts'
import { broken, content, digest, endless, hanging, KIB, lent, MIB, readAll } from './content.ts'
import type { Traits } from './under-test.ts'

const SIZES = [0, 1, 4095, 4096, 4097, 64 * KIB - 1, 64 * KIB, 64 * KIB + 1, MIB - 1, MIB, MIB + 1, 3 * MIB + 12_345]
const ABORTED_WITHIN_MS = 1_000

/** What put, and what it leaves, must be. */
export function putCases(bench: () => Bench, traits: Traits): void {
  const has = (...all: Capability[]): boolean => all.every((each) => traits.can.includes(each))
  const driver = () => bench().underTest.driver
  const stored = async (url: string): Promise<string> =>
    digest(await readAll(await driver().get(url, { signal: live() })))

  describe('put', () => {
    if (!has('write'))
      it('is refused by a store that takes no data', async () => {
        await expectCode(bench().put(lent(content(1))), 'StoreReadOnly')
      })

    if (has('write'))
      it.for(SIZES)('keeps %i bytes, announced or not', async (size) => {
        const bytes = content(size)
        for (const announced of [{ size }, {}]) {
          const placed = await bench().put(lent(bytes), announced)
          expect(placed.size).toBe(size)
          expect(await driver().stat(placed.url)).toEqual({ size })
          expect(await stored(placed.url)).toBe(digest(bytes))
        }
      })

    if (has('write'))
      it('keeps chunks of any size', async () => {
        const bytes = content(2 * MIB + 7)
        for (const chunk of [1_000, 65_537, 8 * MIB]) {
          expect(await stored((await bench().put(lent(bytes, chunk))).url)).toBe(digest(bytes))
        }
      })

    if (has('write'))
      it('keeps zeros wherever they are', async () => {
        for (const [from, to] of [
          [0, MIB],
          [0, 3 * MIB],
          [MIB, 3 * MIB],
          [2 * MIB + 1, 3 * MIB],
          [100_000, 900_000],
        ] as const) {
          const bytes = content(3 * MIB).fill(0, from, to)
          const { url } = await bench().put(lent(bytes, 700_001))
          expect(await stored(url), `zeros from ${from} to ${to}`).toBe(digest(bytes))
          expect(await driver().stat(url)).toEqual({ size: bytes.length })
        }
      })

    if (has('write'))
      it('keeps 64 MiB', { timeout: 60_000 }, async () => {
        const bytes = content(64 * MIB)
        expect(await stored((await bench().put(lent(bytes))).url)).toBe(digest(bytes))
      })

    if (has('write'))
      it('takes several images at once', { timeout: 60_000 }, async () => {
        const all = Array.from({ length: 8 }, (_, seed) => content(2 * MIB + seed, seed))
        const placed = await Promise.all(all.map((bytes) => bench().put(lent(bytes, 100_000))))
        expect(await Promise.all(placed.map(({ url }) => stored(url)))).toEqual(all.map(digest))
      })

    if (has('write'))
      it('replaces what a dead attempt left under the key', async () => {
        const imageId = randomUUID()
        await bench().put(lent(content(2 * MIB, 7)), { imageId })
        const bytes = content(MIB, 8)
        const { url } = await bench().put(lent(bytes), { imageId })
        expect(await stored(url)).toBe(digest(bytes))
      })

    if (has('write'))
      it('refuses ids and attempts that are no names', async () => {
        for (const imageId of ['', '..', `../${randomUUID()}`, `${randomUUID()}/x`, `${randomUUID()}\n`])
          await expectCode(bench().put(lent(content(1)), { imageId }), 'BadRequest')
        for (const attempt of ['', '../x', 'a.part', 'a\0'])
          await expectCode(bench().put(lent(content(1)), { attempt }), 'BadRequest')
      })
  })

  failureCases(bench, traits)
}

function failureCases(bench: () => Bench, traits: Traits): void {
  const has = (...all: Capability[]): boolean => all.every((each) => traits.can.includes(each))
  const driver = () => bench().underTest.driver
  const visible = async (imageId: string): Promise<boolean> =>
    (await bench().list()).some((object) => object.imageId === imageId)

  describe('put that fails', () => {
    if (has('write'))
      it('leaves nothing when the source breaks, wherever', { timeout: 60_000 }, async () => {
        for (const size of [0, 1, randomInt(64 * KIB), randomInt(MIB), randomInt(10 * MIB)]) {
          const imageId = randomUUID()
          const failure = new Error('the client broke off')
          await expect(bench().put(broken(size, failure), { imageId }), `after ${size} bytes`).rejects.toBe(failure)
          expect(await visible(imageId)).toBe(false)
          expect(await bench().underTest.residue()).toEqual([])
        }
      })

    if (has('write'))
      it.for(['hangs', 'goes on'])('stops soon after an abort while the source %s', async (how) => {
        const abort = new AbortController()
        const reason = new Error('enough')
        let abortedAt = 0
        const stop = (): void => {
          abortedAt = performance.now()
          abort.abort(reason)
        }
        const source = how === 'hangs' ? hanging(() => setTimeout(stop, 20)) : endless()
        if (how === 'goes on') setTimeout(stop, 100)
        const imageId = randomUUID()
        await expect(bench().put(source, { imageId, signal: abort.signal })).rejects.toBe(reason)
        expect(performance.now() - abortedAt).toBeLessThan(ABORTED_WITHIN_MS)
        expect(await visible(imageId)).toBe(false)
      })

    if (has('write'))
      it('does nothing when it was aborted before', async () => {
        const reason = new Error('too late')
        await expect(bench().put(lent(content(1)), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
      })

    if (traits.breaksPut)
      it('leaves nothing when the backend fails', async () => {
        const { breakPut } = bench().underTest
        const imageId = randomUUID()
        await breakPut?.()
        await expect(bench().put(endless(0), { imageId })).rejects.toMatchObject({
          code: expect.stringMatching(/^Store(Unavailable|Full|WriteDenied)$/),
        })
        expect(await visible(imageId)).toBe(false)
      })

    if (has('write', 'list'))
      it('is visible only when it is whole', async () => {
        const imageId = randomUUID()
        const seen: boolean[] = []
        const objects = async () => (await bench().list()).filter((each) => each.imageId === imageId && !each.attempt)
        async function* source() {
          for (let seed = 0; seed < 3; seed += 1) {
            yield content(MIB, seed)
            seen.push((await objects()).length > 0)
          }
        }
        const { url } = await bench().put(source(), { imageId })
        expect(seen).toEqual([false, false, false])
        expect(await objects()).toEqual([expect.objectContaining({ imageId, url })])
        expect(await driver().stat(url)).toEqual({ size: 3 * MIB })
      })
  })
}
