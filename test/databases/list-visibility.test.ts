import type { CallContext } from '@glance/shared/context'
import { type ImageQuery, VISIBILITIES } from '@glance/shared/contracts/image'
import { isCode } from '@glance/shared/errors/error'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { admin, member, newProject, reader } from './callers.ts'
import { DATABASES } from './databases.ts'
import { expectedImages, listQuery } from './list-model.ts'
import { openRegistry, type TestRegistry } from './registry.ts'
import { type SeedImage, seed, seedImage } from './seed.ts'

const OWNER = newProject('owner')
const OTHER_OWNER = newProject('other-owner')
const PENDING = newProject('pending')
const ACCEPTED = newProject('accepted')
const REJECTED = newProject('rejected')
const STRANGER = newProject('stranger')
const MEMBERS = { [PENDING]: 'pending', [ACCEPTED]: 'accepted', [REJECTED]: 'rejected' } as const

/**
 * Every visibility of every kind of owner, hidden or not. All of them carry the same members: only those of shared
 * images may count. Beside them stand images that no list may show.
 */
const IMAGES: readonly SeedImage[] = [
  ...VISIBILITIES.flatMap((visibility) =>
    [OWNER, OTHER_OWNER, ACCEPTED, null].flatMap((owner) =>
      [false, true].map((os_hidden) =>
        seedImage(owner, { visibility, os_hidden, members: MEMBERS, name: `${visibility} of ${owner} ${os_hidden}` }),
      ),
    ),
  ),
  seedImage(OWNER, { name: 'shared with nobody' }),
  seedImage(OWNER, { name: 'shared with another', members: { [STRANGER]: 'accepted' } }),
  seedImage(OWNER, { name: 'killed', status: 'killed', visibility: 'public' }),
  seedImage(OWNER, { name: 'deleted', status: 'deleted', deleted: true, visibility: 'public', members: MEMBERS }),
  seedImage(OWNER, { name: 'pending delete', status: 'pending_delete', deleted: true, visibility: 'public' }),
]

const CALLERS: readonly { readonly who: string; readonly caller: CallContext }[] = [
  { who: 'an admin of the owner', caller: admin(OWNER) },
  { who: 'an admin of a project without images', caller: admin(STRANGER) },
  { who: 'an admin without a project', caller: admin(null) },
  { who: 'the owner', caller: member(OWNER) },
  { who: 'a reader of the owner', caller: reader(OWNER) },
  { who: 'another owner', caller: member(OTHER_OWNER) },
  { who: 'a member who has not answered', caller: member(PENDING) },
  { who: 'a member who accepted, and owns images', caller: member(ACCEPTED) },
  { who: 'a member who rejected', caller: member(REJECTED) },
  { who: 'a reader of a member who accepted', caller: reader(ACCEPTED) },
  { who: 'a member of one image', caller: member(STRANGER) },
  { who: 'another project', caller: member(newProject('nobody')) },
]

const QUERIES: readonly ImageQuery[] = [undefined, ...VISIBILITIES, 'all' as const].flatMap((visibility) =>
  (['pending', 'accepted', 'rejected', 'all'] as const).flatMap((memberStatus) =>
    [false, true].map((hidden) =>
      listQuery({ memberStatus, hidden, ...(visibility === undefined ? {} : { visibility }) }),
    ),
  ),
)

describe.each(DATABASES)('who sees which image on $name', ({ create }) => {
  let registry: TestRegistry
  let openPolicy: TestRegistry
  beforeAll(async () => {
    const fresh = await create()
    registry = await openRegistry(fresh)
    openPolicy = await openRegistry(fresh, { policy: { get_images: '', get_image: '' } })
    await seed(registry.database, IMAGES)
  })
  afterAll(async () => {
    await openPolicy?.close()
    await registry?.close()
  })

  /** What a list shows beside or instead of what the rules say, for every kind of request. */
  const faultsOf = async ({ rpc }: TestRegistry, caller: CallContext): Promise<string[]> => {
    const faults: string[] = []
    for (const query of QUERIES) {
      const { images, more } = await rpc.listImages(caller, { query })
      const found = images.map(({ name }) => name).sort()
      const expected = expectedImages(IMAGES, query, caller).map(({ name }) => name)
      if (more || JSON.stringify(found) !== JSON.stringify(expected.sort())) {
        const asked = `visibility ${query.visibility}, members ${query.memberStatus}, hidden ${query.hidden}`
        faults.push(`${asked}: shows ${found.join('; ')}; should show ${expected.join('; ')}`)
      }
    }
    return faults
  }

  it.each(CALLERS)('$who lists what the contract says', async ({ caller }) => {
    expect(await faultsOf(registry, caller)).toEqual([])
  })

  it('where policy lets callers without a project list, they list what is open to all', async () => {
    const caller = { ...reader(null), roles: ['reader'] }
    expect(await faultsOf(openPolicy, caller)).toEqual([])
    expect((await openPolicy.rpc.listImages(caller, { query: listQuery({ visibility: 'all' }) })).images).not.toEqual(
      [],
    )
  })

  it('callers without a project or role may not list by default', async () => {
    for (const caller of [reader(null), { ...member(OWNER), roles: [] }]) {
      await expect(registry.rpc.listImages(caller, { query: listQuery() })).rejects.toMatchObject({ code: 'Forbidden' })
    }
  })

  it.each(CALLERS)('$who can show by id what the contract says', async ({ caller }) => {
    const shown: (string | null)[] = []
    for (const { id, name } of IMAGES) {
      try {
        const image = await registry.rpc.getImage(caller, { imageId: id })
        expect(image.id).toBe(id)
        shown.push(name)
      } catch (thrown) {
        if (!isCode(thrown, 'NotFound')) throw thrown
      }
    }
    const expected = IMAGES.filter((image) => isShown(image, caller)).map(({ name }) => name)
    expect(shown).toEqual(expected)
  })
})

/** Images v2: visibility by id, and the default rule `get_image`. */
function isShown({ owner, visibility, members, deleted }: SeedImage, { projectId, roles }: CallContext): boolean {
  if (deleted) return false
  if (roles.includes('admin')) return true
  if (projectId !== null && owner === projectId) return true
  if (visibility === 'public' || visibility === 'community') return true
  // Images without an owner are hidden from nobody by the database; the rule then refuses private ones.
  return visibility === 'shared' && (owner === null || (projectId !== null && members[projectId] !== undefined))
}
