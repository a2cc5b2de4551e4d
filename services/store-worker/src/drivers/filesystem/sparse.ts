/** A part of a chunk that has to be written: from `start` to before `end`. */
export interface Run {
  readonly start: number
  readonly end: number
}

const LARGEST_BLOCK = 1024 * 1024
const ZEROS = Buffer.alloc(LARGEST_BLOCK)

/** Smallest hole worth a system call of its own; no file system has larger pages on common machines. */
const SMALLEST_BLOCK = 16 * 1024

/** The size of the blocks that are left out when they hold only zeros, near what the operator asked for; bytes. */
export function holeSize(chunkSize: number): number {
  const bounded = Math.min(Math.max(chunkSize, SMALLEST_BLOCK), LARGEST_BLOCK)
  return 2 ** Math.round(Math.log2(bounded))
}

/**
 * The parts of a chunk that hold data. Blocks lie at multiples of `block` in the file, so that a hole is a hole
 * however the bytes come in chunks. A block is compared by memcmp, which ends at the first byte that is not zero.
 * @param position where in the file the chunk begins
 */
export function dataRuns(chunk: Uint8Array, position: number, block: number): readonly Run[] {
  const runs: Run[] = []
  let start = -1
  let at = 0
  while (at < chunk.length) {
    const end = Math.min(at + block - ((position + at) % block), chunk.length)
    const isZero = Buffer.compare(chunk.subarray(at, end), ZEROS.subarray(0, end - at)) === 0
    if (isZero && start >= 0) {
      runs.push({ start, end: at })
      start = -1
    }
    if (!isZero && start < 0) start = at
    at = end
  }
  if (start >= 0) runs.push({ start, end: chunk.length })
  return runs
}
