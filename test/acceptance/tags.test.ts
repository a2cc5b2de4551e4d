import { expect, it } from 'vitest'
import { onEachTarget } from './target.ts'

onEachTarget((target) => {
  it('a tag is put twice and deleted once', async () => {
    const member = await target.as('member')
    const { id } = await member.create({ tags: ['kept', 'kept'] })
    expect((await member.show(id)).tags).toEqual(['kept'])
    for (const tag of ['blue', 'blue', 'sky%20%26%20sea', '%E7%A3%81']) {
      const reply = await member.send('PUT', `/v2/images/${id}/tags/${tag}`)
      expect(reply).toMatchObject({ status: 204, text: '' })
    }
    expect(((await member.show(id)).tags as string[]).toSorted()).toEqual(['blue', 'kept', 'sky & sea', '磁'])
    expect(await member.send('DELETE', `/v2/images/${id}/tags/blue`)).toMatchObject({ status: 204, text: '' })
    expect((await member.send('DELETE', `/v2/images/${id}/tags/blue`)).status).toBe(404)
    expect((await member.send('PUT', `/v2/images/${id}/tags/${'t'.repeat(256)}`)).status).toBe(400)
    await member.delete(id)
  })

  it('is for who may change the image', async () => {
    const [member, reader, stranger] = [
      await target.as('member'),
      await target.as('reader'),
      await target.as('stranger'),
    ]
    const { id } = await member.create()
    expect((await reader.send('PUT', `/v2/images/${id}/tags/t`)).status).toBe(403)
    expect((await stranger.send('PUT', `/v2/images/${id}/tags/t`)).status).toBe(404)
    expect((await member.send('PUT', `/v2/images/${crypto.randomUUID()}/tags/t`)).status).toBe(404)
    expect((await member.show(id)).tags).toEqual([])
    await member.delete(id)
  })

  it('an image takes 128 of them', async () => {
    const member = await target.as('member')
    const tags = Array.from({ length: 128 }, (_each, index) => `tag ${index}`)
    const { id } = await member.create({ tags })
    expect((await member.send('PUT', `/v2/images/${id}/tags/one%20more`)).status).toBe(413)
    expect((await member.send('PUT', `/v2/images/${id}/tags/tag%201`)).status).toBe(204)
    expect((await member.send('POST', '/v2/images', { json: { tags: [...tags, 'one more'] } })).status).toBe(413)
    await member.delete(id)
  })
})
