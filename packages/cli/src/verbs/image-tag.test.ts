import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FakeService, startFakeService } from '../testing/fake-service.ts'
import { runCli, tokenEnv } from '../testing/run-cli.ts'

let service: FakeService
beforeEach(async () => {
  service = await startFakeService()
  service.add({ id: 'i1', tags: ['a'] })
})
afterEach(() => service.close())
const cli = (...argv: string[]) => runCli(argv, { env: tokenEnv(service) })

describe('image-tag-update', () => {
  it('adds the tag and prints the tags as a list', async () => {
    expect(await cli('image-tag-update', 'i1', 'b / ü')).toMatchObject({
      code: 0,
      stdout: ['+----+----------------+', '| ID | Tags           |', '+----+----------------+']
        .concat(["| i1 | ['a', 'b / ü'] |", '+----+----------------+', ''])
        .join('\n'),
    })
    expect(service.seen[0]).toMatchObject({ method: 'PUT', url: '/v2/images/i1/tags/b%20%2F%20%C3%BC' })
  })

  it('fails for an unknown image', async () => {
    expect(await cli('image-tag-update', 'nope', 'b')).toMatchObject({ code: 1, stdout: '' })
  })
})

describe('image-tag-delete', () => {
  it('removes the tag in silence', async () => {
    expect(await cli('image-tag-delete', 'i1', 'a')).toMatchObject({ code: 0, stdout: '', stderr: '' })
    expect(service.images.get('i1')?.properties.tags).toEqual([])
  })

  it('fails for a tag the image lacks', async () => {
    expect(await cli('image-tag-delete', 'i1', 'b')).toMatchObject({
      code: 1,
      stderr: 'HTTP 404 Not Found: No such tag.\n',
    })
  })
})
