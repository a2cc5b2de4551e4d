import { silentLog } from '@glance/shared/log/silent'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { guardDriver } from '../guard.ts'
import { type Bench, newBench } from './bench.ts'
import { leakedFiles, openFiles } from './descriptors.ts'
import { keepCases } from './keep-cases.ts'
import { putCases } from './put-cases.ts'
import { readCases } from './read-cases.ts'
import type { DriverUnderTest, Traits } from './under-test.ts'

/**
 * Everything that driver.ts promises, as cases. They run on the guarded driver, as the worker uses it. Which run is
 * chosen by the traits, so that none is skipped; each fails when it leaves residue or an open file.
 * @param open makes the store; called once
 */
export function driverSuite(name: string, traits: Traits, open: () => Promise<DriverUnderTest>): void {
  describe(`driver: ${name}`, () => {
    let bench: Bench
    let before: string[] = []
    const tools = (): Bench => bench
    beforeAll(async () => {
      const underTest = await open()
      const driver = guardDriver(underTest.driver, { storeId: 'suite', log: silentLog })
      bench = newBench({ ...underTest, driver })
    }, 60_000)
    beforeEach(() => {
      before = openFiles()
    })
    afterEach(async () => {
      await bench.removeObjects()
      expect(await bench.underTest.residue(), 'residue').toEqual([])
      expect(await leakedFiles(before), 'open files').toEqual([])
    })
    afterAll(async () => {
      await bench.underTest.driver.close()
      await bench.underTest.cleanup()
    })
    it('says what it can', () => {
      const { driver, plantResidue, breakPut } = tools().underTest
      expect([...driver.can].sort()).toEqual([...traits.can].sort())
      expect(driver.list !== undefined).toBe(traits.can.includes('list'))
      expect(plantResidue !== undefined).toBe(traits.plantsResidue === true)
      expect(breakPut !== undefined).toBe(traits.breaksPut === true)
    })
    putCases(tools, traits)
    readCases(tools, traits)
    keepCases(tools, traits)
  })
}
