import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A temporary folder with the real image tools. */
export interface Workbench {
  path(name: string): string
  write(name: string, bytes: Uint8Array): string
  read(name: string): Buffer
  /** Runs qemu-img in the folder and returns what it prints. */
  qemuImg(...args: string[]): string
  /** Virtual size as qemu-img sees it. */
  virtualSize(name: string): number
  /** A LUKS version 1 volume. */
  luks(name: string, size: string): void
  /** An ISO 9660 image holding `bytes`. */
  iso(name: string, bytes: Uint8Array): void
  close(): void
}

function run(tool: string, args: string[], cwd: string): string {
  try {
    return execFileSync(tool, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new Error(`${tool} is not installed: these tests need the Debian packages qemu-utils and genisoimage`, {
        cause: error,
      })
    }
    throw error
  }
}

/** Opens a new folder; throws naming the missing package when a tool is not installed. */
export function openWorkbench(): Workbench {
  const folder = mkdtempSync(join(tmpdir(), 'glance-inspect-'))
  const path = (name: string): string => join(folder, name)
  const qemuImg = (...args: string[]): string => run('qemu-img', args, folder)
  const bench: Workbench = {
    path,
    write(name, bytes) {
      writeFileSync(path(name), bytes)
      return path(name)
    },
    read: (name) => readFileSync(path(name)),
    qemuImg,
    virtualSize(name) {
      const info: unknown = JSON.parse(qemuImg('info', '--output=json', name))
      if (typeof info === 'object' && info !== null && 'virtual-size' in info) return Number(info['virtual-size'])
      throw new Error(`qemu-img info tells no virtual size of ${name}`)
    },
    luks(name, size) {
      // qemu-img times its key derivation by CPU use, which it sometimes cannot measure on a busy machine.
      for (let attempt = 1; ; attempt++) {
        const options = `key-secret=s,iter-time=${attempt * 20}`
        try {
          qemuImg('create', '-q', '-f', 'luks', '--object', 'secret,id=s,data=opensesame', '-o', options, name, size)
          return
        } catch (error) {
          if (attempt === 40) throw error
        }
      }
    },
    iso(name, bytes) {
      writeFileSync(path('payload.bin'), bytes)
      run('genisoimage', ['-quiet', '-o', name, 'payload.bin'], folder)
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  }
  try {
    qemuImg('--version')
    run('genisoimage', ['--version'], folder)
  } catch (error) {
    bench.close()
    throw error
  }
  return bench
}

/** One row of a partition table. */
export interface Partition {
  readonly boot?: number
  readonly type: number
  readonly start?: number
  readonly chs?: readonly [number, number, number]
}

/** The protective row that a GPT demands. */
export const PROTECTIVE: Partition = { type: 0xee, start: 1, chs: [0, 2, 0] }

/** Writes a master boot record over the first 512 bytes. */
export function putMbr(disk: Uint8Array, partitions: readonly Partition[]): Uint8Array {
  disk.fill(0, 440, 510)
  const view = new DataView(disk.buffer, disk.byteOffset)
  partitions.forEach(({ boot = 0, type, start = 2048, chs = [0, 33, 3] }, index) => {
    const at = 446 + 16 * index
    disk.set([boot, ...chs, type, 0xff, 0xff, 0xff], at)
    view.setUint32(at + 8, start, true)
    view.setUint32(at + 12, 4096, true)
  })
  disk.set([0x55, 0xaa], 510)
  return disk
}

/** Turns a streamOptimized VMDK into one whose directory is found through a footer at its end, as VMware writes it. */
export function withFooter(vmdk: Uint8Array): Buffer {
  const body = Buffer.from(vmdk)
  const marker = Buffer.alloc(512)
  marker.writeBigUInt64LE(1n, 0)
  marker.writeUInt32LE(3, 12)
  const footer = Buffer.from(body.subarray(0, 512))
  body.writeBigUInt64LE(0xffff_ffff_ffff_ffffn, 56)
  return Buffer.concat([body, marker, footer, Buffer.alloc(512)])
}

/** Replaces text inside an image by text of at most the same length, padded with line ends. */
export function replaceText(image: Uint8Array, from: string, to: string): Buffer {
  const changed = Buffer.from(image)
  const at = changed.indexOf(from, 0, 'latin1')
  if (at === -1 || to.length > from.length) throw new Error(`cannot replace ${from} by ${to}`)
  changed.write(to.padEnd(from.length, '\n'), at, 'latin1')
  return changed
}

/** Bytes that compress badly and repeat from run to run (xorshift32). */
export function noise(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length)
  let state = seed >>> 0 || 1
  for (let at = 0; at < length; at++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    bytes[at] = state & 0xff
  }
  return bytes
}
