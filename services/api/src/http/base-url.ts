import type { FastifyRequest } from 'fastify'

/** Hosts worth repeating in a link: names, IPv4 and bracketed IPv6, with or without a port. */
const HOST = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/

/**
 * The URL this API is reached at, without a slash at its end: the configured one, else as the request says. A Host
 * header that is none is replaced by the address the connection came in at.
 */
export function baseUrl(request: FastifyRequest, publicEndpoint: string | undefined): string {
  if (publicEndpoint !== undefined) return publicEndpoint.replace(/\/+$/, '')
  const protocol = request.protocol === 'https' ? 'https' : 'http'
  const host = request.host
  if (host !== undefined && HOST.test(host)) return `${protocol}://${host}`
  const { localAddress = '127.0.0.1', localPort } = request.raw.socket
  const address = localAddress.includes(':') ? `[${localAddress}]` : localAddress
  return `${protocol}://${address}${localPort === undefined ? '' : `:${localPort}`}`
}
