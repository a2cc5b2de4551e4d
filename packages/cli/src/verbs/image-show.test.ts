import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FakeService, startFakeService } from '../testing/fake-service.ts'
import { runCli, tokenEnv } from '../testing/run-cli.ts'

let service: FakeService
beforeEach(async () => {
  service = await startFakeService()
})
afterEach(() => service.close())
const show = (...argv: string[]) => runCli(['image-show', ...argv], { env: tokenEnv(service) })

describe('image-show', () => {
  it('prints every property but the links', async () => {
    service.add({ id: 'i1', name: 'n', tags: ['a'], os_distro: 'debian' })
    expect(await show('i1')).toMatchObject({
      code: 0,
      stdout: [
        '+------------------+----------------------+',
        '| Property         | Value                |',
        '+------------------+----------------------+',
        '| checksum         | None                 |',
        '| container_format | None                 |',
        '| created_at       | 2026-01-02T03:04:05Z |',
        '| disk_format      | None                 |',
        '| id               | i1                   |',
        '| min_disk         | 0                    |',
        '| min_ram          | 0                    |',
        '| name             | n                    |',
        '| os_distro        | debian               |',
        '| os_hash_algo     | None                 |',
        '| os_hash_value    | None                 |',
        '| os_hidden        | False                |',
        '| owner            | p1                   |',
        '| protected        | False                |',
        '| size             | None                 |',
        '| status           | queued               |',
        '| tags             | ["a"]                |',
        '| updated_at       | 2026-01-02T03:04:05Z |',
        '| virtual_size     | Not available        |',
        '| visibility       | shared               |',
        '+------------------+----------------------+',
        '',
      ].join('\n'),
    })
  })

  it('shows sizes with units and narrow columns on demand', async () => {
    service.add({ id: 'i1', size: 1000, note: 'one two three' })
    const { stdout } = await show('i1', '--human', '--max-column-width', '7')
    expect(stdout).toContain('| size     | 1000B   |')
    expect(stdout).toContain('| note     | one two |\n|          | three   |')
  })

  it('escapes an id, and refuses one that is a step in a path', async () => {
    expect(await show('a/b?c')).toMatchObject({ code: 1, stderr: expect.stringMatching(/^HTTP 404 Not Found: /) })
    expect(service.seen[0]?.url).toBe('/v2/images/a%2Fb%3Fc')
    expect(await show('..')).toMatchObject({ code: 1, stderr: "'..' cannot be used as a name here\n" })
    expect(service.seen).toHaveLength(1)
  })
})
