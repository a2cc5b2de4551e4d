import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FakeService, startFakeService } from '../testing/fake-service.ts'
import { runCli, tokenEnv } from '../testing/run-cli.ts'
import { listQuery } from './image-list.ts'

let service: FakeService
beforeEach(async () => {
  service = await startFakeService()
})
afterEach(() => service.close())
const list = (...argv: string[]) => runCli(argv, { env: tokenEnv(service) })

describe('image-list', () => {
  it('prints ids and names', async () => {
    service.add({ id: 'i1', name: 'cirros' })
    service.add({ id: 'i2', name: null })
    service.add({ id: 'i3', name: 'Ελληνικά 日本 🎉' })
    expect(await list('image-list')).toEqual({
      code: 0,
      stderr: '',
      stdoutBytes: expect.anything(),
      stdout: [
        '+----+------------------+',
        '| ID | Name             |',
        '+----+------------------+',
        '| i1 | cirros           |',
        '| i2 |                  |',
        '| i3 | Ελληνικά 日本 🎉 |',
        '+----+------------------+',
        '',
      ].join('\n'),
    })
    expect(service.seen[0]?.url).toBe('/v2/images?limit=200&sort_key=name&sort_dir=asc')
  })

  it('prints more columns on demand', async () => {
    service.add(
      { id: 'i1', name: 'n', disk_format: 'raw', container_format: 'bare', stores: 'a,b' },
      Buffer.from('hello'),
    )
    expect((await list('-v', 'image-list', '--include-stores')).stdout).toBe(
      [
        '+----+------+-------------+------------------+------+--------+-------+--------+',
        '| ID | Name | Disk_format | Container_format | Size | Status | Owner | Stores |',
        '+----+------+-------------+------------------+------+--------+-------+--------+',
        '| i1 | n    | raw         | bare             | 5    | active | p1    | a,b    |',
        '+----+------+-------------+------------------+------+--------+-------+--------+',
        '',
      ].join('\n'),
    )
  })

  it('follows pages to the end, an empty last one included', async () => {
    for (let at = 0; at < 4; at += 1) service.add({ id: `i${at}` })
    const { stdout } = await list('image-list', '--page-size', '2')
    expect(stdout.match(/\| i\d/g)).toEqual(['| i0', '| i1', '| i2', '| i3'])
    expect(service.seen).toHaveLength(3)
  })

  it('stops at the limit and asks for no more than that', async () => {
    for (let at = 0; at < 4; at += 1) service.add({ id: `i${at}` })
    const { stdout } = await list('image-list', '--page-size', '2', '--limit', '3')
    expect(stdout.match(/\| i\d/g)).toEqual(['| i0', '| i1', '| i2'])
    await list('image-list', '--limit', '1')
    expect(service.seen.at(-1)?.url).toContain('limit=1&')
  })

  it.each([
    [['--property-filter', 'x'], 'Argument --property-filter expected properties in the format KEY=VALUE'],
    [['--sort', 'name', '--sort-key', 'id'], "The 'sort' argument is not supported with 'sort_key' or 'sort_dir'."],
    [['--sort', 'colour:asc'], 'Invalid sort key: colour.'],
    [['--sort', 'name:up'], 'Invalid sort direction: up.'],
    [['--sort-key', 'id', '--sort-dir', 'asc', '--sort-dir', 'desc'], 'Give one sort direction for all sort keys'],
  ])('%j is refused before anything is sent', async (argv, why) => {
    const { code, stderr } = await list('image-list', ...argv)
    expect(code).toBe(1)
    expect(stderr).toContain(why)
    expect(service.seen).toHaveLength(0)
  })

  it('is not caught by a page that links to itself', async () => {
    service.override = (request, response) => {
      response.end(JSON.stringify({ images: [], next: request.url }))
      return true
    }
    expect((await list('image-list')).stderr).toContain('links to itself')
  })
})

describe('listQuery', () => {
  it('sends every filter', () => {
    const query = listQuery({
      visibility: 'shared',
      memberStatus: 'all',
      owner: 'p',
      checksum: 'c',
      hash: 'h',
      hidden: true,
      tag: ['a b', 'ü'],
      propertyFilter: ['os_distro=debian', 'note=a=b'],
    })
    expect(Object.fromEntries(query)).toMatchObject({
      visibility: 'shared',
      member_status: 'all',
      owner: 'p',
      checksum: 'c',
      os_hash_value: 'h',
      os_hidden: 'true',
      os_distro: 'debian',
      note: 'a=b',
    })
    expect(query.getAll('tag')).toEqual(['a b', 'ü'])
  })

  it.each([
    [{ sort: 'name:asc, size' }, 'sort=name%3Aasc%2Csize'],
    [{ sortKey: ['size', 'id'], sortDir: ['asc', 'desc'] }, 'sort_key=size&sort_key=id&sort_dir=asc&sort_dir=desc'],
    [{ sortKey: ['size'] }, 'sort_key=size'],
    [{ sortDir: ['desc'] }, 'sort_dir=desc'],
  ])('sends the order of %j', (options, expected) => {
    expect(listQuery(options).toString()).toBe(`limit=200&${expected}`)
  })
})
