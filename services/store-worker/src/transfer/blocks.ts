/** Bytes of one block: large enough that what happens once per block costs nothing. */
export const BLOCK_SIZE = 1024 * 1024

/**
 * A piece of memory that threads share. It has as many users as hold it; when the last releases it, it is free and
 * `onFree` is told, which may use it again at once.
 */
export interface Block {
  readonly id: number
  readonly bytes: Uint8Array<SharedArrayBuffer>
  /** Bytes filled. */
  length: number
  users: number
  onFree: (block: Block) => void
}

/** Blocks that transfers take and give back; memory is allocated when it is first needed. */
export interface BlockPool {
  take(): Block
  give(block: Block): void
  /** Forgets the blocks nobody has taken, so that their memory can go. */
  drop(): void
}

/** Opens a pool. How many blocks are out is for those who take them to bound. */
export function openBlockPool(blockSize: number = BLOCK_SIZE): BlockPool {
  let free: Block[] = []
  let made = 0
  return {
    take: () =>
      free.pop() ?? {
        id: made++,
        bytes: new Uint8Array(new SharedArrayBuffer(blockSize)),
        length: 0,
        users: 0,
        onFree: () => undefined,
      },
    give: (block) => free.push(block),
    drop: () => {
      free = []
    },
  }
}

/** Ends one use of a block. */
export function releaseBlock(block: Block): void {
  block.users -= 1
  if (block.users === 0) block.onFree(block)
}
