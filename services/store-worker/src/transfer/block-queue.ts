import { type Block, releaseBlock } from './blocks.ts'

/** Filled blocks on their way to one reader. */
export interface BlockQueue {
  push(block: Block): void
  /** No block follows. */
  end(): void
  /** What the reader gets instead of anything still waiting; the first failure counts. */
  fail(thrown: unknown): void
  /** Releases what waits. */
  clear(): void
  /** The next block, when it has come; undefined at the end. For one caller at a time. */
  next(): Promise<Block | undefined>
}

/** Opens an empty queue. Its length is bounded by the blocks there are. */
export function openBlockQueue(): BlockQueue {
  const waiting: Block[] = []
  let isEnded = false
  let failure: { readonly thrown: unknown } | undefined
  let wake = (): void => undefined
  return {
    push: (block) => {
      waiting.push(block)
      wake()
    },
    end: () => {
      isEnded = true
      wake()
    },
    fail: (thrown) => {
      failure ??= { thrown }
      wake()
    },
    clear: () => {
      for (const block of waiting.splice(0)) releaseBlock(block)
    },
    next: async () => {
      for (;;) {
        if (failure !== undefined) throw failure.thrown
        const block = waiting.shift()
        if (block !== undefined || isEnded) return block
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  }
}
