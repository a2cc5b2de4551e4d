import { writeFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { openMetadata } from './metadata-file.ts'
import { makeScratch } from './testing/scratch.ts'

describe('metadata of a file store', () => {
  const scratch = makeScratch()
  afterAll(() => scratch.remove())
  const open = (text: string) => {
    writeFileSync(scratch.path('metadata.json'), text)
    return openMetadata(scratch.path('metadata.json'))
  }

  it('is empty without a file', async () => {
    expect((await openMetadata(undefined))('/mnt/x')).toEqual({})
  })

  it('is the entry whose mountpoint holds the file, the innermost of several', async () => {
    const outer = { id: 'outer', mountpoint: '/mnt', type: 'nfs' }
    const inner = { id: 'inner', mountpoint: '/mnt/images/' }
    expect((await open(JSON.stringify(outer)))('/mnt/images/x')).toEqual(outer)
    const metadataOf = await open(JSON.stringify([outer, inner]))
    expect(metadataOf('/mnt/images/x')).toEqual(inner)
    expect(metadataOf('/mnt/imagesX')).toEqual(outer)
    expect(metadataOf('/mntX/x')).toEqual({})
  })

  it.for([
    ['', /must be a JSON file/],
    ['{"id": "a"}', /texts id and mountpoint$/],
    ['[{"id": "a", "mountpoint": "/a"}, {"id": 1, "mountpoint": "/b"}]', /at entry 2/],
    ['{"id": "a", "mountpoint": "relative"}', /texts id and mountpoint/],
    ['"text"', /texts id and mountpoint/],
  ] as const)('%j is a fault of the configuration', async ([text, rule]) => {
    await expect(open(text)).rejects.toMatchObject({ name: 'StoreConfigError', message: expect.stringMatching(rule) })
  })

  it('is a fault when the file is missing', async () => {
    await expect(openMetadata(scratch.path('absent'))).rejects.toThrow(/absent must be a JSON file: ENOENT/)
  })
})
