import { randomBytes } from 'node:crypto'
import { serviceContext } from '@glance/shared/context'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { member } from './callers.ts'
import { DATABASES } from './databases.ts'
import { openRegistry, type TestRegistry } from './registry.ts'
import { TRICKY_TEXTS } from './texts.ts'

const service = serviceContext('req-api')
const newHash = () => randomBytes(32).toString('hex')

describe.each(DATABASES)('tokens on $name', ({ create }) => {
  let registry: TestRegistry
  beforeAll(async () => {
    registry = await openRegistry(await create())
  })
  afterAll(() => registry?.close())

  const save = (hash: string, expiresAt: string, body: unknown = {}, context = member()) =>
    registry.rpc.saveToken(service, { hash, expiresAt, context, body })
  const find = async (hash: string) => (await registry.rpc.findToken(service, { hash })).token

  it('a token is found as it was saved until it is revoked', async () => {
    const context = { ...member(), userName: '🐧 "user"', projectName: 'back\\slash', userDomainId: 'default' }
    const body = { token: { roles: [{ name: 'member' }], texts: TRICKY_TEXTS, nothing: null, n: 1.5, yes: true } }
    const [hash, other] = [newHash(), newHash()]
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
    await save(hash, expiresAt, body, context)
    await save(other, expiresAt)
    expect(await find(hash)).toEqual({ expiresAt, context, body })
    expect(await registry.rpc.revokeToken(service, { hash })).toEqual({})
    expect(await find(hash)).toBeNull()
    expect(await find(other)).not.toBeNull()
    expect(await registry.rpc.revokeToken(service, { hash })).toEqual({})
  })

  it('an expired token is not found', async () => {
    const [past, soon] = [newHash(), newHash()]
    await save(past, new Date(Date.now() - 1).toISOString())
    expect(await find(past)).toBeNull()
    const end = Date.now() + 1_500
    await save(soon, new Date(end).toISOString())
    expect(await find(soon)).not.toBeNull()
    await new Promise((resolve) => setTimeout(resolve, end - Date.now() + 5))
    expect(await find(soon)).toBeNull()
  })

  it('times with an offset mean the same moment, what is no time is refused', async () => {
    const hash = newHash()
    await save(hash, '2099-01-01T02:00:00+02:00')
    expect(await find(hash)).toMatchObject({ expiresAt: '2099-01-01T00:00:00.000Z' })
    await expect(save(newHash(), 'tomorrow')).rejects.toMatchObject({ code: 'BadRequest' })
  })

  it('hashes that are unknown, differ in case or are none find nothing', async () => {
    const hash = newHash().replace(/^./, 'a')
    await save(hash, '2099-01-01T00:00:00Z')
    for (const wrong of [newHash(), hash.toUpperCase(), `${hash} `, hash.slice(1), '', '%', "' OR 1 = 1 --"]) {
      expect(await find(wrong)).toBeNull()
    }
  })

  it('a body of half a megabyte is kept whole', async () => {
    const hash = newHash()
    const body = { catalog: Array.from({ length: 5_000 }, (_, index) => ({ index, text: '🐧'.repeat(20) })) }
    await save(hash, '2099-01-01T00:00:00Z', body)
    expect(await find(hash)).toMatchObject({ body })
  })
})
