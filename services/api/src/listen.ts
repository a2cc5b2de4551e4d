import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isIPv6 } from 'node:net'
import type { FastifyInstance } from 'fastify'

/** How long requests under way may take when the process stops, in ms. */
const GRACE_MS = 8_000

/** Where a listener is, as a URL without a path. */
export function addressOf(server: Server): string {
  const { address, port } = server.address() as AddressInfo
  return `http://${isIPv6(address) ? `[${address}]` : address}:${port}`
}

/** Binds a listener. Rejects when the address cannot be had. */
export async function bind(server: Server, at: { host: string; port: number }): Promise<void> {
  server.listen(at)
  await once(server, 'listening')
}

/** Stops a REST server: takes no new request, and cuts what is still under way after a while. */
export async function closeApi(app: FastifyInstance): Promise<void> {
  const cut = setTimeout(() => app.server.closeAllConnections(), GRACE_MS)
  try {
    await app.close()
  } finally {
    clearTimeout(cut)
  }
}

/** Stops an internal listener; a transfer that runs over it breaks, and both sides learn of it. */
export async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}
