import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Capability } from '../driver.ts'
import { type Bench, expectCode } from './bench.ts'
import { content, lent, MIB } from './content.ts'
import type { Traits } from './under-test.ts'

const CLOCKS_DIFFER_MS = 5 * 60_000

/** What list, delete and discard must be. */
export function keepCases(bench: () => Bench, traits: Traits): void {
  const has = (...all: Capability[]): boolean => all.every((each) => traits.can.includes(each))
  const driver = () => bench().underTest.driver

  describe('list', () => {
    if (has('write', 'list'))
      it('tells every object once, and when it came', async () => {
        const ids: string[] = Array.from({ length: 25 }, () => randomUUID())
        const placed = await Promise.all(ids.map((imageId) => bench().put(lent(content(100)), { imageId })))
        const listed = (await bench().list()).filter(({ imageId }) => ids.includes(imageId))
        expect(listed.map(({ url }) => url).sort()).toEqual(placed.map(({ url }) => url).sort())
        for (const { attempt, modifiedAt } of listed) {
          expect(attempt).toBeUndefined()
          expect(Math.abs(modifiedAt.getTime() - Date.now())).toBeLessThan(CLOCKS_DIFFER_MS)
        }
      })

    if (has('write', 'list'))
      it('may be left before its end', async () => {
        await Promise.all(Array.from({ length: 5 }, () => bench().put(lent(content(10)))))
        for await (const _ of driver().list?.() ?? []) break
      })

    if (traits.plantsResidue)
      it('tells residue with its attempt and a URL of its own', async () => {
        const { plantResidue } = bench().underTest
        const [imageId, attempt] = [randomUUID(), randomUUID()]
        const { url } = await bench().put(lent(content(10)), { imageId })
        await plantResidue?.(imageId, attempt)
        const residue = (await bench().list()).filter((each) => each.attempt !== undefined)
        expect(residue).toEqual([expect.objectContaining({ imageId, attempt })])
        expect(residue[0]?.url).not.toBe(url)
        await driver().discard(imageId, attempt)
      })
  })

  describe('delete and discard', () => {
    if (has('write'))
      it('delete removes one object and no other', async () => {
        const [gone, kept] = [await bench().put(lent(content(MIB))), await bench().put(lent(content(5)))]
        await driver().delete(gone.url)
        await expectCode(driver().stat(gone.url), 'StoreObjectNotFound')
        expect(await driver().stat(kept.url)).toEqual({ size: 5 })
      })

    it('finds an object by its image, and none where there is none', async () => {
      const imageId = randomUUID()
      expect(await driver().find(imageId)).toEqual([])
      const { url } = await bench().put(lent(content(10)), { imageId })
      expect(await driver().find(imageId)).toEqual([url])
      await driver().delete(url)
      expect(await driver().find(imageId)).toEqual([])
    })

    it('discard of nothing is no error', async () => {
      await driver().discard(randomUUID(), randomUUID())
    })

    if (traits.plantsResidue)
      it('discard removes what its attempt left and nothing else', async () => {
        const { plantResidue, residue } = bench().underTest
        const [imageId, dead, other] = [randomUUID(), randomUUID(), randomUUID()]
        const { url } = await bench().put(lent(content(10)), { imageId, attempt: dead })
        await plantResidue?.(imageId, dead)
        await plantResidue?.(imageId, other)
        const both = await residue()
        await driver().discard(imageId, dead)
        const left = await residue()
        expect(left.length).toBeGreaterThan(0)
        expect(left.length).toBeLessThan(both.length)
        expect(await driver().stat(url)).toEqual({ size: 10 })
        await driver().discard(imageId, other)
        expect(await residue()).toEqual([])
      })
  })
}
