import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { TICKET_HEADER, type UploadOutcome } from '@glance/shared/contracts/bytes'
import type { ByteAddress } from '@glance/shared/contracts/transfer'

/** The api's side of the byte plane, as small as it can be: the image is written by the test. */
export interface UploadServer {
  readonly at: ByteAddress
  /** The answer that carries the image, as soon as a worker took it. */
  readonly taken: Promise<ServerResponse>
  /** What the worker reported; rejects when the connection broke without it. */
  readonly outcome: Promise<UploadOutcome>
  /** Breaks all connections. */
  kill(): void
  close(): Promise<void>
}

/** Opens it on a free port; `size` makes the answer say its length. */
export async function openUploadServer({
  size,
  refusal,
}: {
  size?: number
  refusal?: number
} = {}): Promise<UploadServer> {
  let take: (response: ServerResponse) => void = () => undefined
  let settle: (outcome: Promise<UploadOutcome>) => void = () => undefined
  const taken = new Promise<ServerResponse>((resolve) => {
    take = resolve
  })
  const outcome = new Promise<UploadOutcome>((resolve) => {
    settle = resolve
  })
  outcome.catch(() => undefined)
  const ticket = 'ticket-1'
  let uses = 0
  const server = createServer((request, response) => {
    uses += 1
    if (refusal !== undefined || request.headers[TICKET_HEADER] !== ticket || uses > 1) {
      response.writeHead(refusal ?? 401).end('no')
      return
    }
    response.writeHead(200, { connection: 'keep-alive', ...(size !== undefined && { 'content-length': size }) })
    response.flushHeaders()
    response.on('error', () => undefined)
    settle(
      outcomeOf(request).finally(() => {
        // What is left of the image is nobody's.
        if (!response.writableFinished) request.socket.destroy()
      }),
    )
    take(response)
  })
  server.keepAliveTimeout = 0
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    at: { address: `http://127.0.0.1:${port}`, ticket },
    taken,
    outcome,
    kill: () => server.closeAllConnections(),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function outcomeOf(request: IncomingMessage): Promise<UploadOutcome> {
  // A request whose answer is complete does not hear of its connection's end.
  const closed = new Promise<never>((_, reject) => request.socket.once('close', () => reject(new Error('broken'))))
  return JSON.parse(Buffer.concat(await Promise.race([request.toArray(), closed])).toString()) as UploadOutcome
}
