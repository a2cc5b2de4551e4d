import { describe, expect, it } from 'vitest'
import { issueToken } from '../support/accounts.ts'
import { onEachTarget } from './target.ts'

onEachTarget((target) => {
  it('a private image is nobody else’s to see; a reader of the project may look but not touch', async () => {
    const [member, reader, stranger] = [
      await target.as('member'),
      await target.as('reader'),
      await target.as('stranger'),
    ]
    const { id } = await member.createWithData('mine', { visibility: 'private' })
    const path = `/v2/images/${id}`
    for (const [method, at] of [
      ['GET', path],
      ['GET', `${path}/file`],
      ['DELETE', path],
      ['PUT', `${path}/tags/t`],
    ] as const) {
      expect((await stranger.send(method, at)).status).toBe(404)
    }
    expect((await stranger.patch(id, [{ op: 'replace', path: '/name', value: 'theirs' }])).status).toBe(404)
    expect((await stranger.list()).images).toEqual([])
    expect((await reader.show(id)).id).toBe(id)
    expect((await reader.list()).images).toHaveLength(1)
    expect((await reader.send('GET', `${path}/file`)).status).toBe(403)
    expect((await reader.send('DELETE', path)).status).toBe(403)
    expect((await reader.patch(id, [{ op: 'replace', path: '/name', value: 'read' }])).status).toBe(403)
    expect((await reader.send('POST', '/v2/images', { json: {} })).status).toBe(403)
    expect(await member.show(id)).toMatchObject({ name: 'an image', status: 'active' })
    await member.delete(id)
  })

  it('a public image is everybody’s to read, a community image to who knows it; only an administrator publishes', async () => {
    const [admin, member, stranger] = [await target.as('admin'), await target.as('member'), await target.as('stranger')]
    const shown = await admin.createWithData('for all', { visibility: 'public' })
    expect((await stranger.list()).images.map(({ id }) => id)).toEqual([shown.id])
    expect(await stranger.download(shown.id)).toMatchObject({ status: 200, bytes: 7 })
    expect((await stranger.send('DELETE', `/v2/images/${shown.id}`)).status).toBe(403)
    expect((await member.send('POST', '/v2/images', { json: { visibility: 'public' } })).status).toBe(403)
    const known = await member.createWithData('for friends', { visibility: 'community' })
    expect((await stranger.list()).images.map(({ id }) => id)).toEqual([shown.id])
    expect((await stranger.list('?visibility=community')).images.map(({ id }) => id)).toEqual([known.id])
    expect(await stranger.download(known.id)).toMatchObject({ status: 200, bytes: 11 })
    expect((await member.patch(known.id, [{ op: 'replace', path: '/visibility', value: 'public' }])).status).toBe(403)
    await member.delete(known.id)
    await admin.delete(shown.id)
  })

  it('hidden images are left out of lists that do not ask for them', async () => {
    const member = await target.as('member')
    const { id } = await member.create({ os_hidden: true })
    expect((await member.list()).images).toEqual([])
    expect((await member.list('?os_hidden=True')).images).toHaveLength(1)
    expect((await member.show(id)).os_hidden).toBe(true)
    await member.delete(id)
  })

  it('a protected image survives DELETE, with its data', async () => {
    const member = await target.as('member')
    const image = await member.createWithData('precious', { protected: true })
    expect((await member.send('DELETE', `/v2/images/${image.id}`)).status).toBe(403)
    expect(await member.show(image.id)).toEqual(image)
    expect(await member.download(image.id)).toMatchObject({ status: 200, md5: image.checksum as string })
    await member.patch(image.id, [{ op: 'replace', path: '/protected', value: false }])
    await member.delete(image.id)
    expect((await member.send('DELETE', `/v2/images/${image.id}`)).status).toBe(404)
    await target.untilOnlyFilesOf([])
  })

  describe('nobody but an administrator gives an image away', () => {
    it.each(['private', 'shared', 'community'])('a %s one', async (visibility) => {
      const member = await target.as('member')
      const { id, owner } = await member.create({ visibility })
      const other = target.facts.accounts.stranger.projectId
      for (const op of ['add', 'replace']) {
        expect((await member.patch(id, [{ op, path: '/owner', value: other }])).status).toBe(403)
      }
      expect((await member.show(id)).owner).toBe(owner)
      const admin = await target.as('admin')
      expect((await admin.patch(id, [{ op: 'replace', path: '/owner', value: other }])).status).toBe(200)
      expect((await (await target.as('stranger')).show(id)).owner).toBe(other)
      await admin.delete(id)
    })

    it('and images are created for the own project', async () => {
      const [admin, member] = [await target.as('admin'), await target.as('member')]
      const owner = target.facts.accounts.stranger.projectId
      expect((await member.send('POST', '/v2/images', { json: { owner } })).status).toBe(403)
      const { id } = await admin.create({ owner })
      expect((await (await target.as('stranger')).show(id)).owner).toBe(owner)
      await admin.delete(id)
    })
  })

  it('what the service itself sets is refused with 403, and a refused PATCH changes nothing', async () => {
    const member = await target.as('member')
    const image = await member.create()
    const fields = ['stores', 'direct_url', 'self', 'file', 'schema', 'status', 'checksum', 'size', 'created_at']
    for (const name of [...fields, 'os_hash_value', 'os_glance_import_task', 'location', 'deleted']) {
      const value = name === 'size' ? 5 : 'main'
      const operations = [
        { op: 'replace', path: '/name', value: 'changed' },
        { op: 'add', path: `/${name}`, value },
      ]
      expect({ name, status: (await member.patch(image.id, operations)).status }).toEqual({ name, status: 403 })
    }
    expect(await member.show(image.id)).toEqual(image)
    await member.delete(image.id)
  })

  it('the reserved stores are shown nowhere and take nothing', async () => {
    const member = await target.as('member')
    const created = await member.send('POST', '/v2/images', { json: { name: 'stores' } })
    expect(created.headers['openstack-image-store-ids']).toBe('main,small,frail')
    const info = await member.send('GET', '/v2/info/stores')
    expect(info.status).toBe(200)
    expect(JSON.parse(info.text).stores.map((store: { id: string }) => store.id)).toEqual(['main', 'small', 'frail'])
    await member.delete(JSON.parse(created.text).id)
  })

  it('no caller without a token gets further than the versions', async () => {
    for (const token of ['', 'nonsense', 'x'.repeat(5000)]) {
      const reply = await (await target.as('member')).send('GET', '/v2/images', { headers: { 'X-Auth-Token': token } })
      expect(reply.status).toBe(401)
      expect(reply.headers['www-authenticate']).toMatch(/^Keystone uri="/)
    }
  })

  it('a revoked token opens nothing', async () => {
    const member = await target.as('member')
    const token = await issueToken(target.url, target.facts.accounts.member)
    const headers = { 'X-Auth-Token': token }
    expect((await member.send('GET', '/v2/images', { headers })).status).toBe(200)
    const subject = { headers: { 'X-Subject-Token': token } }
    expect((await member.send('DELETE', '/identity/v3/auth/tokens', subject)).status).toBe(204)
    expect((await member.send('GET', '/v2/images', { headers })).status).toBe(401)
  })
})
