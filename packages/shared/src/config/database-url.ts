/** Where the metadata lives, read from `[database] connection`. */
export type DatabaseUrl =
  | { readonly provider: 'sqlite' /** Path of the file, or `:memory:`. */; readonly file: string }
  | {
      readonly provider: 'mysql' | 'postgresql'
      readonly host: string
      readonly port: number
      readonly user: string | undefined
      readonly password: string | undefined
      readonly database: string
      /** The query part of the URL, such as `charset` or `unix_socket`. */
      readonly parameters: Readonly<Record<string, string>>
    }

const PROVIDERS: ReadonlyMap<string, 'sqlite' | 'mysql' | 'postgresql'> = new Map([
  ['sqlite', 'sqlite'],
  ['mysql', 'mysql'],
  ['mariadb', 'mysql'],
  ['postgresql', 'postgresql'],
  ['postgres', 'postgresql'],
])
const PORTS = { mysql: 3306, postgresql: 5432 } as const

// The grammar of SQLAlchemy's URLs: a password may hold any character but "@", a "/" among them.
const SHAPE =
  /^(?<dialect>[a-z0-9]+)(?:\+[a-z0-9_]+)?:\/\/(?:(?<user>[^:/@]*)(?::(?<password>[^@]*))?@)?(?:\[(?<ipv6>[^\]]+)\]|(?<host>[^/:?]*))(?::(?<port>\d*))?(?:\/(?<database>[^?]*))?(?:\?(?<query>.*))?$/i

function decode(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  try {
    return decodeURIComponent(text)
  } catch {
    throw new Error('must write "%" in a user or password as %25')
  }
}

/**
 * Reads a database URL in SQLAlchemy's form; the Python driver after "+" does not matter.
 * @throws Error whose message is the broken rule, without any part of the URL
 */
export function parseDatabaseUrl(text: string): DatabaseUrl {
  const parts = SHAPE.exec(text)?.groups
  const provider = PROVIDERS.get((parts?.dialect ?? '').toLowerCase())
  if (!parts || provider === undefined) {
    throw new Error(
      'must be a URL of the kind sqlite:////path, mysql+pymysql://user:password@host/name or postgresql://…',
    )
  }
  const database = parts.database ?? ''
  if (provider === 'sqlite') {
    if (parts.host) throw new Error('must be sqlite:////absolute/path or sqlite:///relative/path (count the slashes)')
    return { provider, file: database === '' ? ':memory:' : database }
  }
  if (database === '')
    throw new Error('must name a database after the host, as in mysql+pymysql://user:password@host/glance')
  return {
    provider,
    host: parts.ipv6 ?? (parts.host || 'localhost'),
    port: parts.port ? Number(parts.port) : PORTS[provider],
    user: decode(parts.user),
    password: decode(parts.password),
    database,
    parameters: Object.fromEntries(new URLSearchParams(parts.query ?? '')),
  }
}
