// The files that uploads send.
import { randomFillSync } from 'node:crypto'
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const BLOCK = 16 << 20
const SHARED_MEMORY = '/dev/shm'

/**
 * Makes one file of each size. `image` and `half` hold random bytes, so that nothing on the way can compress them, in
 * memory where there is room, so that reading them costs the disk nothing. `large` is a hole: its size alone matters.
 */
export function makeDataFiles({ image, half, large }) {
  const dir = mkdtempSync(join(placeWithRoom(2 * (image + half)), 'glance-bench-'))
  const remove = () => rmSync(dir, { recursive: true, force: true })
  try {
    return {
      image: randomFile(join(dir, 'image'), image),
      half: randomFile(join(dir, 'half'), half),
      large: sparseFile(join(dir, 'large'), large),
      remove,
    }
  } catch (error) {
    remove()
    throw error
  }
}

function placeWithRoom(bytes) {
  try {
    const { bavail, bsize } = statfsSync(SHARED_MEMORY)
    return bavail * bsize >= bytes ? SHARED_MEMORY : tmpdir()
  } catch {
    return tmpdir()
  }
}

function randomFile(path, size) {
  const block = Buffer.allocUnsafe(BLOCK)
  withFile(path, (fd) => {
    for (let written = 0; written < size; written += BLOCK) {
      writeSync(fd, randomFillSync(block), 0, Math.min(BLOCK, size - written))
    }
  })
  return path
}

function sparseFile(path, size) {
  withFile(path, (fd) => ftruncateSync(fd, size))
  return path
}

function withFile(path, write) {
  const fd = openSync(path, 'wx', 0o600)
  try {
    write(fd)
  } finally {
    closeSync(fd)
  }
}
