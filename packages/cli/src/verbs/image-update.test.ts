import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FakeService, startFakeService } from '../testing/fake-service.ts'
import { runCli, tokenEnv } from '../testing/run-cli.ts'
import { patchFor } from './image-update.ts'

let service: FakeService
beforeEach(async () => {
  service = await startFakeService()
  service.add({ id: 'i1', name: 'old', os_distro: 'debian', note: 'x', tags: ['a'] })
})
afterEach(() => service.close())
const update = (...argv: string[]) => runCli(['image-update', 'i1', ...argv], { env: tokenEnv(service) })
const patch = () => service.seen.find(({ method }) => method === 'PATCH')

describe('image-update', () => {
  it('sends the differences only and prints the result', async () => {
    const { code, stdout } = await update(
      ...['--name', 'new', '--os-distro', 'debian', '--property', 'a/b=1=2', '--remove-property', 'note'],
      ...['--protected', 'True', '--min-disk', '4'],
    )
    expect(code).toBe(0)
    expect(patch()?.headers['content-type']).toBe('application/openstack-images-v2.1-json-patch')
    expect(JSON.parse(patch()?.body.toString() ?? '')).toEqual([
      { op: 'replace', path: '/name', value: 'new' },
      { op: 'replace', path: '/protected', value: true },
      { op: 'replace', path: '/min_disk', value: 4 },
      { op: 'add', path: '/a~1b', value: '1=2' },
      { op: 'remove', path: '/note' },
    ])
    expect(stdout).toMatch(/\| a\/b +\| 1=2 /)
    expect(stdout).not.toContain('| note ')
  })

  it('replaces tags as a whole', async () => {
    await update('--tags', 'b', 'c')
    expect(JSON.parse(patch()?.body.toString() ?? '')).toEqual([{ op: 'replace', path: '/tags', value: ['b', 'c'] }])
  })

  it('refuses a property without a value before anything is sent', async () => {
    expect(await update('--property', 'a')).toMatchObject({
      code: 1,
      stderr: "error: argument --property: expected key=value, got 'a'\n",
    })
    expect(service.seen).toHaveLength(0)
  })
})

describe('patchFor', () => {
  it('removes only what is there and not set in the same breath', () => {
    expect(patchFor({ a: '1', b: '2' }, { b: '3' }, ['a', 'a', 'b', 'c'])).toEqual([
      { op: 'replace', path: '/b', value: '3' },
      { op: 'remove', path: '/a' },
    ])
  })

  it('is empty when nothing differs', () => {
    expect(patchFor({ tags: ['a'], name: null }, { tags: ['a'], name: null }, [])).toEqual([])
  })

  it('escapes names as RFC 6901 says', () => {
    expect(patchFor({}, { '~/': 'x' }, [])).toEqual([{ op: 'add', path: '/~0~1', value: 'x' }])
  })
})
