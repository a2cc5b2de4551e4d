/** One broker of a transport URL. */
export interface BrokerHost {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
}

/** Where RabbitMQ is, read from `transport_url`. */
export interface TransportUrl {
  readonly hosts: readonly BrokerHost[]
  readonly virtualHost: string
  readonly tls: boolean
}

const EXAMPLE = 'rabbit://user:password@host:5672/vhost'

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new Error('must write "%" in a user, a password or a virtual host as %25')
  }
}

function parseHost(text: string, tls: boolean): BrokerHost & { readonly hasUser: boolean } {
  const at = text.lastIndexOf('@')
  const [user, ...rest] = at < 0 ? [] : text.slice(0, at).split(':')
  const address = /^(?:\[(?<ipv6>[^\]]+)\]|(?<host>[^:[\]]*))(?::(?<port>\d{1,5}))?$/.exec(text.slice(at + 1))?.groups
  if (!address) throw new Error(`must name its hosts as host:port, as in ${EXAMPLE}`)
  return {
    hasUser: at >= 0,
    host: address.ipv6 ?? (address.host || 'localhost'),
    port: address.port ? Number(address.port) : tls ? 5671 : 5672,
    user: decode(user ?? 'guest'),
    password: decode(at < 0 ? 'guest' : rest.join(':')),
  }
}

/**
 * Reads an oslo.messaging transport URL; several hosts are separated by commas, each with its credentials.
 * `rabbit://` alone means guest at localhost, as RabbitMQ installs itself.
 * @throws Error whose message is the broken rule, without any part of the URL
 */
export function parseTransportUrl(text: string): TransportUrl {
  const parts = /^(?<scheme>[a-z]+):\/\/(?<hosts>[^/?]*)(?:\/(?<vhost>[^?]*))?(?:\?.*)?$/i.exec(text)?.groups
  const scheme = parts?.scheme?.toLowerCase()
  if (!parts || !scheme || !['rabbit', 'kombu', 'amqp', 'amqps'].includes(scheme)) {
    throw new Error(`must be a RabbitMQ URL such as ${EXAMPLE}`)
  }
  const tls = scheme === 'amqps'
  const hosts = (parts.hosts ?? '').split(',').map((host) => parseHost(host.trim(), tls))
  if (new Set(hosts.map((host) => host.hasUser)).size > 1) {
    throw new Error('must give user and password to all of its hosts or to none')
  }
  return {
    hosts: hosts.map(({ host, port, user, password }) => ({ host, port, user, password })),
    virtualHost: decode(parts.vhost ?? '') || '/',
    tls,
  }
}

/**
 * The AMQP URLs of a transport, in order of preference; they carry the password.
 * @param tls true asks for TLS even when the URL did not, as `[oslo_messaging_rabbit] ssl` does
 */
export function amqpUrls(transport: TransportUrl, tls = transport.tls): readonly string[] {
  return transport.hosts.map(({ host, port, user, password }) => {
    const address = host.includes(':') ? `[${host}]` : host
    const who = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`
    return `${tls ? 'amqps' : 'amqp'}://${who}@${address}:${port}/${encodeURIComponent(transport.virtualHost)}`
  })
}
