import { expect, it } from 'vitest'
import { openMemoryStore } from './memory.ts'
import { content, lent, MIB } from './testing/content.ts'
import { driverSuite } from './testing/suite.ts'

driverSuite('memory', { can: ['write', 'range', 'list'] }, async () => {
  const driver = openMemoryStore({ sizeLimit: 512 * MIB })
  const residue = async (): Promise<string[]> => {
    const urls: string[] = []
    for await (const { url, attempt } of driver.list?.() ?? []) if (attempt !== undefined) urls.push(url)
    return urls
  }
  return { driver, residue, cleanup: async () => undefined }
})

it('a store in memory that is full says so, and has room again when objects go', async () => {
  const driver = openMemoryStore({ sizeLimit: 1000 })
  const { signal } = new AbortController()
  const put = (imageId: string, size: number) => driver.put(imageId, lent(content(size), 100), { attempt: 'a', signal })
  const { url } = await put('first', 600)
  await expect(put('second', 600)).rejects.toMatchObject({ code: 'StoreFull' })
  await driver.delete(url)
  expect(await put('second', 1000)).toMatchObject({ size: 1000 })
})
