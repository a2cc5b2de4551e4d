import { readFileSync } from 'node:fs'

/** What both drivers of database servers take as TLS settings. */
export interface TlsSettings {
  readonly rejectUnauthorized: boolean
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

/**
 * TLS settings named by the query of a database URL, in SQLAlchemy's words (PyMySQL's `ssl_ca`, libpq's `sslmode` and
 * `sslrootcert`); undefined when none is named.
 * @throws Error when a named file cannot be read
 */
export function tlsSettings(parameters: Readonly<Record<string, string>>): TlsSettings | undefined {
  const file = (...names: string[]): string | undefined => {
    const name = names.find((each) => parameters[each] !== undefined)
    return name === undefined ? undefined : readFileSync(parameters[name] ?? '', 'utf8')
  }
  const ca = file('ssl_ca', 'sslrootcert')
  const cert = file('ssl_cert', 'sslcert')
  const key = file('ssl_key', 'sslkey')
  const mode = parameters.sslmode
  if (mode === 'disable' || (ca === undefined && cert === undefined && mode === undefined)) return undefined
  if (mode === 'prefer' || mode === 'allow') return undefined
  const isVerified = ca !== undefined || mode === 'verify-ca' || mode === 'verify-full'
  return {
    rejectUnauthorized: isVerified,
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  }
}
