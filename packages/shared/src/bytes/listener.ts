import { once } from 'node:events'
import type { Server } from 'node:http'
import { type AddressInfo, isIPv6 } from 'node:net'

/** Where an internal listener is and how others reach it, as the configuration says. */
export interface ListenerPlace {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** `host:port` told to others instead of the address bound. */
  readonly advertise?: string | undefined
}

/** Where a bound server is, as a URL without a path. */
export function addressOf(server: Server): string {
  const { address, port } = server.address() as AddressInfo
  return `http://${isIPv6(address) ? `[${address}]` : address}:${port}`
}

/**
 * Binds an internal listener.
 * @returns the URL others reach it at
 * @throws Error when the address cannot be had, or when it is that of all interfaces and none is advertised
 */
export async function bindListener(server: Server, { host, port, advertise }: ListenerPlace): Promise<string> {
  if (advertise === undefined && (host === '0.0.0.0' || host === '::')) {
    throw new Error(`bytes_advertise must be set when bytes_host is ${host}`)
  }
  server.listen({ host, port })
  await once(server, 'listening')
  return advertise === undefined ? addressOf(server) : `http://${advertise}`
}

/** Closes an internal listener; a transfer that runs over it breaks, and both sides learn of it. */
export async function closeListener(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}
