import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { OpenDownload } from '../../contracts/bytes.ts'

/** A server on a free port that hands every request to `handle`. */
export interface ByteServer {
  readonly port: number
  readonly url: string
  close(): Promise<void>
}

/** Opens the server on 127.0.0.1. */
export async function openByteServer(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<ByteServer> {
  const server = createServer(handle)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A file of random bytes in a directory of its own. */
export interface RandomFile {
  readonly path: string
  readonly content: Buffer
  /** An open read of it as a filesystem driver gives it. */
  open(part?: { start: number; length: number }): OpenDownload
  remove(): void
}

/** Makes a file of `size` random bytes. */
export function makeRandomFile(size: number): RandomFile {
  const directory = mkdtempSync(join(tmpdir(), 'glance-bytes-'))
  const path = join(directory, 'object')
  const content = randomBytes(size)
  writeFileSync(path, content)
  return {
    path,
    content,
    open: ({ start, length } = { start: 0, length: size }) => {
      const fd = openSync(path, 'r')
      const bytes = createReadStream(path, { fd, start, end: Math.max(start, start + length - 1) })
      return { bytes, length, file: { fd, start } }
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}

/** SHA-256 in hex. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
