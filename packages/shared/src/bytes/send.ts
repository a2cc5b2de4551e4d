import type { ServerResponse } from 'node:http'
import type { OpenDownload } from '../contracts/bytes.ts'
import { GlanceError, isCode, toGlanceError } from '../errors/error.ts'
import { openKernel } from './kernel.ts'
import { LendingReadable } from './lending.ts'
import { type Outlet, openOutlet } from './outlet.ts'
import { sendByKernel } from './send-kernel.ts'

/** How much of a download went out. */
export interface Sent {
  readonly sent: number
  /** Set when the source broke before its end: the rest may be sent from another place, `sent` bytes further on. */
  readonly broken?: GlanceError
}

/**
 * Sends a download as the content, or the next part of the content, of an answer whose status and headers are set.
 * Returns when all bytes are on their way; the caller ends the answer. With a local file, a content-length and a
 * plain TCP connection the kernel moves the bytes itself. The download is freed in every case.
 *
 * Throws ClientGone when the connection breaks, and what `signal` was aborted with. After a throw, and after a
 * broken source that nothing replaces, the answer is incomplete: destroy it.
 */
export async function sendDownload(
  response: ServerResponse,
  download: OpenDownload,
  signal: AbortSignal,
): Promise<Sent> {
  const outlet = openOutlet(response, signal)
  // The stream's failure reaches us where it is read; an event without a listener would end the process.
  download.bytes.on('error', () => undefined)
  try {
    outlet.throwIfGone()
    if (response.req.method === 'HEAD') return { sent: 0 }
    await pass(download, outlet)
    if (outlet.sent === download.length) return { sent: outlet.sent }
    throw new GlanceError('StoreUnavailable', `the object ended after ${outlet.sent} of ${download.length} bytes`)
  } catch (thrown) {
    outlet.throwIfGone()
    if (isCode(thrown, 'ClientGone')) throw thrown
    return { sent: outlet.sent, broken: toGlanceError(thrown) }
  } finally {
    outlet.close()
    download.bytes.destroy()
  }
}

async function pass({ bytes, length, file }: OpenDownload, outlet: Outlet): Promise<void> {
  const kernel = file === undefined ? undefined : openKernel()
  if (kernel !== undefined && file !== undefined) return sendByKernel(kernel, outlet, { file, length })
  /** A source that sends more than it said must not spill into the next answer. */
  const cut = (chunk: Uint8Array): Uint8Array =>
    chunk.length <= length - outlet.sent ? chunk : chunk.subarray(0, length - outlet.sent)
  if (bytes instanceof LendingReadable) return bytes.lend((chunk) => outlet.write(cut(chunk)))
  for await (const chunk of bytes) await outlet.queue(cut(chunk))
}
