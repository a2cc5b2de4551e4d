import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { content, hanging } from './testing/content.ts'
import { watch } from './watch.ts'

async function* chunks(count: number): AsyncGenerator<Uint8Array> {
  for (let seed = 0; seed < count; seed += 1) yield content(2, seed)
}

describe('watched bytes', () => {
  it('are the same bytes, and leave no listener', async () => {
    const { signal } = new AbortController()
    const got: Uint8Array[] = []
    for await (const chunk of watch(chunks(3), signal).bytes) {
      got.push(chunk)
      expect(getEventListeners(signal, 'abort')).toHaveLength(1)
    }
    expect(got).toEqual([content(2, 0), content(2, 1), content(2, 2)])
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  it('end with the reason when the signal aborts, while the source hangs or before it is asked', async () => {
    const abort = new AbortController()
    const reason = new Error('enough')
    const { bytes } = watch(
      hanging(() => setTimeout(() => abort.abort(reason), 5)),
      abort.signal,
    )
    const reader = bytes[Symbol.asyncIterator]()
    expect((await reader.next()).done).toBe(false)
    await expect(reader.next()).rejects.toBe(reason)
    expect(getEventListeners(abort.signal, 'abort')).toHaveLength(0)
    await expect(watch(chunks(1), abort.signal).bytes[Symbol.asyncIterator]().next()).rejects.toBe(reason)
  })

  it('tell when it was the source that failed', async () => {
    const failure = new Error('the client broke off')
    async function* broken() {
      yield* chunks(1)
      throw failure
    }
    const watched = watch(broken(), new AbortController().signal)
    const read = async () => {
      for await (const _ of watched.bytes);
    }
    expect(watched.failure).toBeUndefined()
    await expect(read()).rejects.toBe(failure)
    expect(watched.failure).toEqual({ thrown: failure })
  })

  it('yield nothing more once closed', async () => {
    const watched = watch(chunks(5), new AbortController().signal)
    watched.close()
    expect(await watched.bytes[Symbol.asyncIterator]().next()).toEqual({ done: true, value: undefined })
  })
})
