import { randomBytes } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { digestOf } from '../testing/digests.ts'
import { until } from '../testing/wait.ts'
import { type Block, type BlockPool, openBlockPool, releaseBlock } from './blocks.ts'
import { type DigestPool, openDigestPool } from './digest.ts'

const BLOCK = 4096
let pool: DigestPool
let blocks: BlockPool
let free: number

function open(threads = 2, idleMs = 60_000): DigestPool {
  blocks = openBlockPool(BLOCK)
  free = 0
  pool = openDigestPool({ threads, blocks, idleMs })
  return pool
}
afterEach(() => pool.close())

function blockOf(bytes: Uint8Array): Block {
  const block = blocks.take()
  block.bytes.set(bytes)
  block.length = bytes.length
  block.users = 1
  block.onFree = (each) => {
    free += 1
    blocks.give(each)
  }
  return block
}

async function digestAll(content: Uint8Array, algorithms: string[]): Promise<string[]> {
  const digests = pool.open(algorithms)
  for (let at = 0; at < content.length; at += BLOCK) {
    const block = blockOf(content.subarray(at, at + BLOCK))
    digests.update(block)
    releaseBlock(block)
  }
  return digests.finish()
}

describe('the pool of digest threads', () => {
  it.each([0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 10 * BLOCK + 5])(
    'digests %i bytes and gives the blocks back',
    async (size) => {
      open()
      const content = randomBytes(size)
      expect(await digestAll(content, ['md5', 'sha512'])).toEqual([
        digestOf('md5', content),
        digestOf('sha512', content),
      ])
      expect(free).toBe(Math.ceil(size / BLOCK))
    },
  )

  it.each([
    ['sha1', 'sha1'],
    ['sha256', 'sha256'],
    ['sha3_512', 'sha3-512'],
    ['blake2b', 'blake2b512'],
    ['blake2s', 'blake2s256'],
    ['md5', 'md5'],
  ])('knows %s', async (name, openssl) => {
    open()
    const content = randomBytes(3 * BLOCK)
    expect(await digestAll(content, ['md5', name])).toEqual([digestOf('md5', content), digestOf(openssl, content)])
  })

  it.each([1, 2, 5])('keeps many streams apart with %i threads', async (threads) => {
    open(threads)
    const contents = Array.from({ length: 9 }, (_, index) => randomBytes(index * 1000 + BLOCK))
    const found = await Promise.all(contents.map((content) => digestAll(content, ['md5', 'sha256'])))
    expect(found).toEqual(contents.map((content) => [digestOf('md5', content), digestOf('sha256', content)]))
  })

  it('fails a stream with an unknown algorithm, and no other', async () => {
    open()
    const content = randomBytes(3 * BLOCK)
    await expect(digestAll(content, ['md5', 'nonsense'])).rejects.toMatchObject({ code: 'Internal' })
    expect(await digestAll(content, ['sha512'])).toEqual([digestOf('sha512', content)])
  })

  it('gives the blocks of a dropped stream back', async () => {
    open()
    const digests = pool.open(['md5', 'sha512'])
    for (let count = 0; count < 5; count++) {
      const block = blockOf(randomBytes(BLOCK))
      digests.update(block)
      releaseBlock(block)
    }
    digests.drop()
    await until(() => free === 5)
  })

  it('ends its threads when idle, and starts them again', async () => {
    open(2, 20)
    const content = randomBytes(BLOCK)
    const reused = blockOf(content)
    const { id } = reused
    releaseBlock(reused)
    expect(await digestAll(content, ['md5'])).toEqual([digestOf('md5', content)])
    // The idle pool lets the blocks go with its threads: a block of later is a new one.
    await until(() => {
      const block = blocks.take()
      if (block.id === id) blocks.give(block)
      return block.id !== id
    })
    expect(await digestAll(content, ['md5', 'sha512'])).toEqual([digestOf('md5', content), digestOf('sha512', content)])
  })
})
