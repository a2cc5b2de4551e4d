import { beforeAll, describe, expect, it } from 'vitest'
import type { GlanceHttp, ImageBody } from '../support/glance-http.ts'
import { onEachTarget } from './target.ts'

const COUNT = 30

onEachTarget((target) => {
  let member: GlanceHttp
  const made: ImageBody[] = []
  const names = async (query: string): Promise<unknown[]> =>
    (await member.list(query)).images.map((image) => image.name)

  beforeAll(async () => {
    made.length = 0
    member = await target.as('member')
    for (let index = 0; index < COUNT; index++) {
      const fields = {
        name: `image ${String(index).padStart(2, '0')}`,
        tags: [index % 2 === 0 ? 'even' : 'odd', ...(index % 3 === 0 ? ['third'] : [])],
        group: String(index % 5),
        min_ram: index,
        disk_format: index % 2 === 0 ? 'raw' : 'qcow2',
        visibility: index === 7 ? 'private' : 'shared',
      }
      // Ever longer data for the first five.
      const hasData = index < 10 && index % 2 === 0
      made.push(hasData ? await member.createWithData('x'.repeat(index + 1), fields) : await member.create(fields))
    }
  })

  it('comes in pages that hold each image once, whatever the order', async () => {
    for (const order of ['', '&sort=name:asc', '&sort_key=size&sort_dir=desc', '&sort=status:asc,name:desc']) {
      const ids: string[] = []
      let path: string | undefined = `/v2/images?limit=7${order}`
      while (path !== undefined) {
        const reply = await member.send('GET', path)
        expect(reply.status).toBe(200)
        const page = JSON.parse(reply.text)
        expect(page.schema).toBe('/v2/schemas/images')
        expect(page.first).toContain('/v2/images?')
        expect(page.first).not.toContain('marker')
        ids.push(...page.images.map((image: ImageBody) => image.id))
        path = page.next
      }
      expect(ids.toSorted()).toEqual(made.map(({ id }) => id).toSorted())
    }
  })

  it('has 25 images when nobody says how many, newest first', async () => {
    const { images, next } = await member.list()
    expect(images.map(({ id }) => id)).toEqual(
      made
        .map(({ id }) => id)
        .toReversed()
        .slice(0, 25),
    )
    expect(next).toContain(`marker=${images.at(-1)?.id}`)
    expect(await member.list('?limit=0')).toMatchObject({ images: [] })
    expect((await member.list('?limit=1000')).images).toHaveLength(COUNT)
  })

  it('a repeated parameter stays in the next link', async () => {
    const { images, next = '' } = await member.list('?limit=2&tag=even&tag=third')
    expect(images).toHaveLength(2)
    const second = JSON.parse((await member.send('GET', next)).text)
    for (const image of [...images, ...second.images]) expect(image.tags.toSorted()).toEqual(['even', 'third'])
    expect(second.images).toHaveLength(2)
  })

  it.each([
    ['name=image 03', ['image 03']],
    ['name=in:image 03,"image 04"&sort=name:asc', ['image 03', 'image 04']],
    ['tag=odd&tag=third&sort=name:asc', ['image 03', 'image 09', 'image 15', 'image 21', 'image 27']],
    ['group=4&disk_format=raw&sort=name:asc', ['image 04', 'image 14', 'image 24']],
    ['status=active&sort=size:asc', ['image 00', 'image 02', 'image 04', 'image 06', 'image 08']],
    ['status=active&size_min=3&size_max=7&sort=size:desc', ['image 06', 'image 04', 'image 02']],
    ['size=5', ['image 04']],
    ['min_ram_min=28&sort=name:asc', ['image 28', 'image 29']],
    ['min_ram=11', ['image 11']],
    ['visibility=private', ['image 07']],
    ['visibility=public', []],
    ['os_hidden=True', []],
    ['group=4&created_at=lt:2001-01-01T00:00:00Z', []],
    ['name=image 05&created_at=gt:2001-01-01T00:00:00Z', ['image 05']],
    ['no_such_property=1', []],
    ['container_format=in:bare,ovf&name=image 00', ['image 00']],
    ['protected=false&name=image 01', ['image 01']],
  ])('%s finds the right ones', async (query, wanted) => {
    expect(await names(`?${encodeURI(query)}`)).toEqual(wanted)
  })

  it.each([
    'limit=-1',
    'limit=few',
    'marker=not-an-id',
    'sort_key=secret',
    'sort_dir=up',
    'sort=name:up',
    'sort=name&sort_key=name',
    'sort_key=name&sort_dir=asc&sort_dir=desc',
    'visibility=everybody',
    'member_status=perhaps',
    'os_hidden=maybe',
    'protected=True',
    'name=a:b',
    'status=in:"open',
    'created_at=gt:yesterday',
    'created_at=near:2020-01-01',
    'size_min=big',
    'size_max=1e3',
    'foo_min=1',
    'properties=a',
    'locations=a',
    'changes-since=2020-01-01',
    'changes-since=',
    'name=%ff%fe',
  ])('%s is refused with 400', async (query) => {
    const reply = await member.send('GET', `/v2/images?${query}`)
    expect(reply.status).toBe(400)
    expect(JSON.parse(reply.text)).toMatchObject({ code: '400 Bad Request', title: 'Bad Request' })
  })

  describe('a marker', () => {
    it('that is gone, was never there or may not be seen is the same to a caller: 400', async () => {
      const gone = await member.create()
      await member.delete(gone.id)
      const stranger = await target.as('stranger')
      const foreign = await stranger.create({ visibility: 'private' })
      const answers = await Promise.all(
        [gone.id, crypto.randomUUID(), foreign.id].map((id) => member.send('GET', `/v2/images?marker=${id}`)),
      )
      const said = answers.map(({ status, text }) => `${status} ${text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID')}`)
      expect(new Set(said).size).toBe(1)
      expect(answers[0]?.status).toBe(400)
      await stranger.delete(foreign.id)
    })
  })
})
