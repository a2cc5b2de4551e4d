import { CommandError } from './command-error.ts'
import type { Http } from './http.ts'
import { errorFrom } from './http-error.ts'
import { asObject, asObjects, asString, type JsonObject, parseJson } from './json.ts'
import type { GlobalOptions } from './options.ts'

export const INVALID_CREDENTIALS = 'Invalid OpenStack Identity credentials.'

/** Ways to prove who one is at Keystone v3. */
export type AuthMethod = 'password' | 'token' | 'application_credential'

export interface IssuedToken {
  readonly id: string
  readonly catalog: readonly JsonObject[]
}

/**
 * Authenticates at Keystone v3.
 *
 * @throws CommandError for refused credentials or an unusable answer, HttpError for any other refusal
 */
export async function issueToken(http: Http, options: GlobalOptions, method: AuthMethod): Promise<IssuedToken> {
  if (!options.osAuthUrl)
    throw new CommandError('You must provide an auth url via either --os-auth-url or env[OS_AUTH_URL]')
  const url = `${await identityRoot(http, options.osAuthUrl)}/auth/tokens`
  const reply = await http.send({
    method: 'POST',
    url,
    headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
    body: authBody(options, method),
    tracedBody: authBody({ ...options, ...masked }, method),
  })
  const text = await http.text(reply)
  if (reply.status === 401) throw new CommandError(INVALID_CREDENTIALS)
  if (reply.status >= 300) throw errorFrom(reply.status, reply.headers['content-type'] ?? '', text)
  const id = reply.headers['x-subject-token']
  if (!id) throw new CommandError(`No token in the answer of the identity service at ${options.osAuthUrl}`)
  return { id, catalog: asObjects(asObject(asObject(parseJson(text)).token).catalog) }
}

const masked = { osPassword: '***', osAuthToken: '***', osApplicationCredentialSecret: '***' }

function authBody(options: GlobalOptions, method: AuthMethod): string {
  const scope = scopeOf(options, method)
  return JSON.stringify({ auth: { identity: identityOf(options, method), ...(scope === undefined ? {} : { scope }) } })
}

/**
 * The v3 root below an auth URL, without trailing slash. An unversioned URL is asked for its versions; the path it
 * names is used, never another host: the password goes to no machine the user did not name.
 */
async function identityRoot(http: Http, authUrl: string): Promise<string> {
  const base = authUrl.trim().replace(/\/+$/, '')
  if (/\/v3$/.test(base)) return base
  if (/\/v2(\.0)?$/.test(base))
    throw new CommandError(`Keystone v2 is not supported; name the v3 URL instead of ${base}`)
  const reply = await http.send({ method: 'GET', url: base, headers: { Accept: 'application/json' } })
  const document = asObject(parseJson(await http.text(reply)))
  const listed = asObjects(asObject(document.versions).values)
  const version = [...listed, asObject(document.version)].find((entry) => asString(entry.id)?.startsWith('v3'))
  const href = asObjects(version?.links).find((link) => link.rel === 'self')?.href
  const path = typeof href === 'string' && URL.canParse(href, base) ? new URL(href, base).pathname : undefined
  return path === undefined ? `${base}/v3` : new URL(base).origin + path.replace(/\/+$/, '')
}

type Reference = { readonly id: string } | { readonly name: string }

function reference(id: string | undefined, name: string | undefined): Reference | undefined {
  if (id) return { id }
  return name ? { name } : undefined
}

const DEFAULT_DOMAIN = { id: 'default' }

function defaultDomain(options: GlobalOptions): Reference {
  return reference(options.osDefaultDomainId, options.osDefaultDomainName) ?? DEFAULT_DOMAIN
}

/** A user by id, or by name within a domain. */
function userOf(options: GlobalOptions): JsonObject {
  if (options.osUserId) return { id: options.osUserId }
  if (!options.osUsername)
    throw new CommandError('You must provide a username via either --os-username or env[OS_USERNAME]')
  const domain = reference(options.osUserDomainId, options.osUserDomainName) ?? defaultDomain(options)
  return { name: options.osUsername, domain }
}

function identityOf(options: GlobalOptions, method: AuthMethod): JsonObject {
  if (method === 'token') return { methods: [method], token: { id: options.osAuthToken?.trim() } }
  if (method === 'password')
    return { methods: [method], password: { user: { ...userOf(options), password: options.osPassword } } }
  const secret = options.osApplicationCredentialSecret
  const credential = reference(options.osApplicationCredentialId, options.osApplicationCredentialName)
  if (!credential || !secret)
    throw new CommandError(
      'You must provide --os-application-credential-id (or -name) and --os-application-credential-secret',
    )
  const owner = 'name' in credential ? { user: userOf(options) } : {}
  return { methods: [method], application_credential: { ...credential, secret, ...owner } }
}

/** What the token is to be good for; an application credential has its project built in. */
function scopeOf(options: GlobalOptions, method: AuthMethod): JsonObject | undefined {
  if (method === 'application_credential') return undefined
  if (options.osTrustId) return { 'OS-TRUST:trust': { id: options.osTrustId } }
  if (options.osSystemScope) return { system: { [options.osSystemScope]: true } }
  const domain = reference(options.osDomainId, options.osDomainName)
  if (domain) return { domain }
  const project = reference(options.osProjectId, options.osProjectName)
  if (project && 'id' in project) return { project }
  if (project) {
    const home = reference(options.osProjectDomainId, options.osProjectDomainName) ?? defaultDomain(options)
    return { project: { ...project, domain: home } }
  }
  if (method === 'token') return undefined
  throw new CommandError(
    'You must provide a project via --os-project-id (env[OS_PROJECT_ID]) or --os-project-name (env[OS_PROJECT_NAME])',
  )
}

export interface EndpointChoice {
  readonly serviceType: string
  /** public, internal or admin; the older publicURL and so on mean the same. */
  readonly interface: string
  readonly region: string | undefined
}

/** The URL of a service in a catalog. @throws CommandError when there is none */
export function endpointFrom(catalog: readonly JsonObject[], choice: EndpointChoice): string {
  const wanted = choice.interface.replace(/URL$/, '')
  const url = catalog
    .filter((service) => service.type === choice.serviceType)
    .flatMap((service) => asObjects(service.endpoints))
    .filter((endpoint) => endpoint.interface === wanted)
    .find(
      (endpoint) => !choice.region || endpoint.region_id === choice.region || endpoint.region === choice.region,
    )?.url
  if (typeof url === 'string') return url
  const place = choice.region ? ` in ${choice.region} region` : ''
  throw new CommandError(`${wanted} endpoint for ${choice.serviceType} service${place} not found`)
}
