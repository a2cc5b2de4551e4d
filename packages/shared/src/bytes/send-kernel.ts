import { closeSync, read } from 'node:fs'
import { Socket } from 'node:net'
import { promisify } from 'node:util'
import type { OpenDownload } from '../contracts/bytes.ts'
import { GlanceError } from '../errors/error.ts'
import type { Kernel } from './kernel.ts'
import type { Outlet } from './outlet.ts'

type LocalFile = NonNullable<OpenDownload['file']>

/** Most bytes asked of the kernel at once: enough for few calls, few enough to notice an abort soon. */
const SLICE = 8 * 1024 * 1024
/** Bytes that Node writes whenever the socket is full. */
const MORSEL = 64 * 1024
/** Bytes that Node writes at once where the kernel does not take the file or the socket. */
const MOUTHFUL = 1024 * 1024

const readAt = promisify(read)

/** One sending: `base` is the position in the file of the outlet's byte 0, `end` the outlet's count when all is sent. */
interface Sending {
  readonly kernel: Kernel
  readonly outlet: Outlet
  readonly source: number
  readonly base: number
  readonly end: number
}

/**
 * Sends `length` bytes of a local file, the kernel moving them from the page cache into the socket. Node itself
 * writes the first bytes, with the headers, and a morsel whenever the socket is full: so its event loop waits for
 * room and hears of a broken connection, and no thread ever waits for a slow client.
 *
 * Where the file ends early it returns, and the outlet tells how much went. Throws what the outlet throws, and
 * StoreUnavailable when the file cannot be read.
 */
export async function sendByKernel(
  kernel: Kernel,
  outlet: Outlet,
  { file, length }: { file: LocalFile; length: number },
): Promise<void> {
  const sources = { base: file.start - outlet.sent, end: outlet.sent + length }
  // Descriptors of our own: an abort may close the file, and Node the socket, while a call in a thread uses them.
  await withCopy(kernel, file.fd, async (source) => {
    if (source < 0) throw new GlanceError('StoreUnavailable', 'the object cannot be read: too many open files')
    const sending = { kernel, outlet, source, ...sources }
    const morsel = Buffer.allocUnsafeSlow(Math.min(MORSEL, length))
    if (!(await writeNext(sending, morsel)) || left(sending) === 0) return
    await withCopy(kernel, descriptorOf(outlet), (target) => pourAll(sending, target, morsel))
    const mouthful = Buffer.allocUnsafeSlow(Math.min(MOUTHFUL, left(sending)))
    while (left(sending) > 0 && (await writeNext(sending, mouthful)));
  })
}

/** Lends a copy of a descriptor, -1 when there can be none. */
async function withCopy(kernel: Kernel, fd: number, use: (copy: number) => Promise<void>): Promise<void> {
  const copy = fd < 0 ? -1 : kernel.dup(fd)
  try {
    await use(copy)
  } finally {
    if (copy >= 0) closeSync(copy)
  }
}

const left = ({ end, outlet }: Sending): number => end - outlet.sent
const position = ({ base, outlet }: Sending): number => base + outlet.sent

/** Reads into `buffer` and writes it out. False at the end of the file. */
async function writeNext(sending: Sending, buffer: Buffer): Promise<boolean> {
  const size = Math.min(buffer.length, left(sending))
  const { bytesRead } = await readAt(sending.source, buffer, 0, size, position(sending)).catch((cause: unknown) => {
    throw new GlanceError('StoreUnavailable', 'the object cannot be read', { cause })
  })
  if (bytesRead > 0) await sending.outlet.write(buffer.subarray(0, bytesRead))
  return bytesRead > 0
}

/** Lets the kernel send until all is sent or it refuses; each time the socket is full Node's next write waits for room. */
async function pourAll(sending: Sending, target: number, morsel: Buffer): Promise<void> {
  if (target < 0) return
  while (left(sending) > 0) {
    sending.outlet.throwIfGone()
    const count = Math.min(SLICE, left(sending))
    const { sent, error } = await sending.kernel.sendfile(target, sending.source, {
      position: position(sending),
      count,
    })
    sending.outlet.count(sent)
    if (error === 'other') return
    if (sent < count && left(sending) > 0 && !(await writeNext(sending, morsel))) return
  }
}

/**
 * The descriptor of the socket an answer goes out by, or -1 when the kernel must not write there: encrypted or not
 * TCP, content that is framed or counted by Node, or bytes that Node has not written yet.
 */
function descriptorOf({ response }: Outlet): number {
  const { socket } = response
  const isPlain = socket instanceof Socket && !('encrypted' in socket) && socket.writableLength === 0
  if (!isPlain || response.chunkedEncoding || response.strictContentLength) return -1
  const handle: unknown = Reflect.get(socket, '_handle')
  const fd: unknown = typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'fd') : undefined
  return typeof fd === 'number' ? fd : -1
}
