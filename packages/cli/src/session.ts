import { CommandError } from './command-error.ts'
import type { Http } from './http.ts'
import type { Io } from './io.ts'
import { type AuthMethod, endpointFrom, issueToken } from './keystone.ts'
import type { GlobalOptions } from './options.ts'

/** Who asks, and where the image service is. */
export interface Session {
  /** URL without trailing slash and version. */
  readonly endpoint: string
  readonly token: string | undefined
}

const authMethods: Readonly<Record<string, AuthMethod | 'none'>> = {
  password: 'password',
  v3password: 'password',
  token: 'token',
  v3token: 'token',
  v3applicationcredential: 'application_credential',
  none: 'none',
}
/** Auth types whose token is used as it is. */
const fixedTokenTypes = new Set(['token_endpoint', 'admin_token'])

/**
 * Finds token and endpoint. With both an image URL and a token given, no identity service is asked.
 *
 * @throws CommandError for missing or refused credentials, or when the catalog knows no image service
 */
export async function openSession(http: Http, options: GlobalOptions, io: Io): Promise<Session> {
  const url = options.osImageUrl ? serviceRoot(options.osImageUrl) : undefined
  const token = options.osAuthToken?.trim() || undefined
  const type = options.osAuthType ?? defaultAuthType(options)
  if (url && token && type !== 'none') return { endpoint: url, token }
  if (fixedTokenTypes.has(type) || type === 'none') {
    if (!url) throw new CommandError(`Auth type ${type} needs --os-image-url or env[OS_IMAGE_URL]`)
    if (type !== 'none') throw new CommandError(`Auth type ${type} needs --os-auth-token or env[OS_AUTH_TOKEN]`)
    return { endpoint: url, token: undefined }
  }
  const method = authMethods[type]
  if (method === undefined || method === 'none')
    throw new CommandError(`Unknown auth type '${type}'; choose from ${Object.keys(authMethods).join(', ')}`)
  const issued = await issueToken(http, await withSecret(options, method, io), method)
  const choice = {
    serviceType: options.osServiceType || 'image',
    interface: options.osEndpointType || 'public',
    region: options.osRegionName,
  }
  return { endpoint: url ?? serviceRoot(endpointFrom(issued.catalog, choice)), token: issued.id }
}

function defaultAuthType(options: GlobalOptions): string {
  if (options.osApplicationCredentialSecret) return 'v3applicationcredential'
  return options.osAuthToken && !options.osPassword ? 'token' : 'password'
}

/** Options with a password, asked for on the terminal when it is the only thing missing. */
async function withSecret(options: GlobalOptions, method: AuthMethod, io: Io): Promise<GlobalOptions> {
  if (method === 'token' && !options.osAuthToken)
    throw new CommandError('You must provide a token via either --os-auth-token or env[OS_AUTH_TOKEN]')
  if (method !== 'password' || options.osPassword) return options
  if (!options.osUsername && !options.osUserId)
    throw new CommandError('You must provide a username via either --os-username or env[OS_USERNAME]')
  const osPassword = await io.askSecret?.('OS Password: ')
  if (!osPassword)
    throw new CommandError(
      'You must provide a password via either --os-password, env[OS_PASSWORD], or prompted response',
    )
  return { ...options, osPassword }
}

/** An endpoint without its version: paths below carry it themselves. */
export function serviceRoot(url: string): string {
  return url
    .trim()
    .replace(/\/+$/, '')
    .replace(/\/v\d+(\.\d+)?$/, '')
}
