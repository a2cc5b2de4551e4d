import { type Block, type BlockPool, releaseBlock } from './blocks.ts'

export interface CutterOptions {
  readonly blocks: BlockPool
  /** Blocks that may be out at once. */
  readonly inFlight: number
  /** Gets every filled block, and its first use. Must not throw. */
  onBlock(block: Block): void
  /** Called when a chunk that did not fit has gone in after all. */
  onRoom(): void
}

/** Cuts a stream of chunks into blocks of shared memory; the one place where bytes of an upload are copied. */
export interface Cutter {
  /** False when no block was left for all of the chunk: give no other before `onRoom`. */
  add(chunk: Uint8Array): boolean
  /** Hands out the last block, filled or not. */
  flush(): void
  /** Takes and hands out nothing more. */
  stop(): void
}

/** Opens a cutter. */
export function openCutter({ blocks, inFlight, onBlock, onRoom }: CutterOptions): Cutter {
  let filling: Block | undefined
  let out = 0
  let leftover: Uint8Array | undefined
  let isStopped = false

  const take = (): Block | undefined => {
    if (out === inFlight) return undefined
    out += 1
    const block = blocks.take()
    block.length = 0
    block.users = 1
    block.onFree = giveBack
    return block
  }
  const giveBack = (block: Block): void => {
    out -= 1
    blocks.give(block)
    if (leftover === undefined || isStopped) return
    const rest = leftover
    leftover = undefined
    if (add(rest) && !isStopped) onRoom()
  }
  const flush = (): void => {
    const block = filling
    filling = undefined
    if (block !== undefined) onBlock(block)
  }
  const add = (chunk: Uint8Array): boolean => {
    for (let at = 0; at < chunk.length && !isStopped; ) {
      filling ??= take()
      if (filling === undefined) {
        leftover = chunk.subarray(at)
        return false
      }
      const size = Math.min(chunk.length - at, filling.bytes.length - filling.length)
      filling.bytes.set(size === chunk.length ? chunk : chunk.subarray(at, at + size), filling.length)
      filling.length += size
      at += size
      if (filling.length === filling.bytes.length) flush()
    }
    return true
  }
  return {
    add,
    flush,
    stop: () => {
      isStopped = true
      leftover = undefined
      const block = filling
      filling = undefined
      if (block !== undefined) releaseBlock(block)
    },
  }
}
