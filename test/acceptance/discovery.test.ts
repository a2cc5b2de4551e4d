import { expect, it } from 'vitest'
import { runClient, runOpenstack } from '../support/clients.ts'
import { send } from '../support/glance-http.ts'
import { onEachTarget } from './target.ts'

onEachTarget((target) => {
  it.each([
    ['/', 300],
    ['/versions', 200],
    ['/v1', 300],
    ['/anything', 300],
  ])('GET %s tells the versions to anybody with %i', async (path, status) => {
    const reply = await send(target.url, { method: 'GET', path })
    expect(reply.status).toBe(status)
    expect(reply.headers['content-type']).toBe('application/json')
    const { versions } = JSON.parse(reply.text)
    expect(versions.filter((version: { status: string }) => version.status === 'CURRENT')).toHaveLength(1)
    for (const version of versions) {
      expect(version.id).toMatch(/^v2\.\d+$/)
      expect(version.links).toEqual([{ rel: 'self', href: `${target.url}/v2/` }])
    }
    expect(versions.map((version: { id: string }) => version.id)).toEqual(
      expect.arrayContaining(['v2.0', 'v2.17', 'v2.8']),
    )
  })

  it('/v2 leads to /v2/ for who has a token; minor versions are the same API', async () => {
    const member = await target.as('member')
    const reply = await member.send('GET', '/v2')
    expect(reply).toMatchObject({ status: 302 })
    expect(reply.headers.location).toBe(`${target.url}/v2/`)
    expect((await send(target.url, { method: 'GET', path: '/v2' })).status).toBe(401)
    expect((await member.send('GET', '/v2/')).status).toBe(404)
    expect((await member.send('GET', '/v2.9/images')).status).toBe(200)
  })

  it.each(['image', 'images'])('the schema of %s names itself', async (name) => {
    const reply = await (await target.as('member')).send('GET', `/v2/schemas/${name}`)
    expect(reply.status).toBe(200)
    expect(JSON.parse(reply.text).name).toBe(name)
    expect((await send(target.url, { method: 'GET', path: `/v2/schemas/${name}` })).status).toBe(401)
  })

  it('every image keeps to the schema of images: each known field is of a declared type', async () => {
    const member = await target.as('member')
    const { properties } = JSON.parse((await member.send('GET', '/v2/schemas/image')).text)
    const image = await member.createWithData('x')
    for (const [name, value] of Object.entries(image)) {
      const types = [properties[name]?.type ?? 'string'].flat()
      const type = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
      expect({ name, is: types.includes(type === 'number' ? 'integer' : type) }).toEqual({ name, is: true })
    }
    await member.delete(image.id)
  })

  it('the health check needs no token, and OPTIONS answers anywhere', async () => {
    const health = await send(target.url, { method: 'GET', path: '/healthcheck', headers: { Accept: 'text/plain' } })
    expect(health).toMatchObject({ status: 200, text: 'OK' })
    expect(await send(target.url, { method: 'OPTIONS', path: '/v2/images' })).toMatchObject({ status: 200, text: '' })
  })

  it('the built-in identity serves log-in, catalog and projects to the unified client', async () => {
    const env = target.env('member')
    const token = await runOpenstack(['token', 'issue', '-f', 'json'], { env })
    expect(token.code).toBe(0)
    expect(JSON.parse(token.stdout).project_id).toBe(target.facts.accounts.member.projectId)
    const catalog = await runOpenstack(['catalog', 'list', '-f', 'json'], { env })
    expect(catalog.code).toBe(0)
    expect(catalog.stdout).toContain(target.url)
    const wrong = await runOpenstack(['token', 'issue'], { env: { ...env, OS_PASSWORD: 'wrong' } })
    expect(wrong.code).toBe(1)
    expect(wrong.stderr).toContain('401')
  })

  it('openstacksdk, as Ansible and others use it, uploads, finds, downloads and deletes', async () => {
    const script = `
import openstack, hashlib, os, tempfile
cloud = openstack.connect()
path = os.path.join(os.environ['HOME'], 'data')
open(path, 'wb').write(os.urandom(300000))
image = cloud.create_image('through the SDK', filename=path, disk_format='raw', container_format='bare', wait=True, note='n')
again = cloud.image.find_image('through the SDK')
assert again.id == image.id and again.status == 'active' and again.size == 300000, again
data = cloud.image.download_image(again, stream=False).content
assert hashlib.md5(data).hexdigest() == again.checksum == hashlib.md5(open(path, 'rb').read()).hexdigest()
cloud.image.update_image(again, name='renamed')
assert cloud.image.get_image(image.id).name == 'renamed'
cloud.image.delete_image(image.id)
assert cloud.image.find_image('renamed') is None
print('done')
`
    // The Python that Debian's packages are made for: another one may come first on PATH.
    const done = await runClient('/usr/bin/python3', ['-c', script], { env: target.env('member') })
    expect(done).toEqual({ code: 0, stdout: 'done\n', stderr: '' })
  })
})
