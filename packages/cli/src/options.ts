import { type Command, InvalidArgumentError, Option } from 'commander'

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The process environment; the only place of this package that reads it. */
export function environment(): Environment {
  return process.env
}

/** Options that stand before the subcommand, filled from the environment where not given. */
export interface GlobalOptions {
  readonly debug?: boolean
  readonly verbose?: boolean
  readonly insecure?: boolean
  /** Seconds without progress after which a request is given up. */
  readonly timeout: number
  readonly osImageUrl?: string
  readonly osImageApiVersion?: string
  readonly osRegionName?: string
  readonly osAuthToken?: string
  readonly osServiceType?: string
  readonly osEndpointType?: string
  readonly osCacert?: string
  readonly osCert?: string
  readonly osKey?: string
  readonly osAuthType?: string
  readonly osAuthUrl?: string
  readonly osSystemScope?: string
  readonly osDomainId?: string
  readonly osDomainName?: string
  readonly osProjectId?: string
  readonly osProjectName?: string
  readonly osProjectDomainId?: string
  readonly osProjectDomainName?: string
  readonly osTrustId?: string
  readonly osDefaultDomainId?: string
  readonly osDefaultDomainName?: string
  readonly osUserId?: string
  readonly osUsername?: string
  readonly osUserDomainId?: string
  readonly osUserDomainName?: string
  readonly osPassword?: string
  readonly osApplicationCredentialId?: string
  readonly osApplicationCredentialName?: string
  readonly osApplicationCredentialSecret?: string
}

/** What an option is, and the environment variables behind it in order of preference (an empty one counts as unset). */
export type OptionRow = readonly [flags: string, description: string, ...names: string[]]

const rows: readonly OptionRow[] = [
  ['-d, --debug', 'Log requests and responses to stderr.', 'GLANCECLIENT_DEBUG'],
  ['-v, --verbose', 'Show more columns in lists.'],
  ['-f, --force', 'Accepted for scripts written for other clients; nothing here asks for confirmation.'],
  ['--get-schema', 'Accepted for scripts written for other clients; no schema is cached here.'],
  [
    '--os-image-url <URL>',
    'Image service to talk to instead of the one in the catalog.',
    'OS_IMAGE_URL',
    'OS_IMAGE_ENDPOINT_OVERRIDE',
  ],
  ['--os-image-api-version <VERSION>', 'Version of the Images API; only 2 is spoken.', 'OS_IMAGE_API_VERSION'],
  ['--os-region-name <REGION>', 'Region whose catalog entry is used.', 'OS_REGION_NAME'],
  ['--os-service-type <TYPE>', 'Service type looked up in the catalog.', 'OS_SERVICE_TYPE'],
  [
    '--os-endpoint-type <INTERFACE>',
    'Catalog interface: public, internal or admin.',
    'OS_ENDPOINT_TYPE',
    'OS_INTERFACE',
  ],
  ['--insecure', 'Do not verify the certificates of TLS servers.'],
  ['--os-cacert <FILE>', 'PEM bundle of the authorities trusted for TLS.', 'OS_CACERT'],
  ['--os-cert <FILE>', 'PEM certificate of this client.', 'OS_CERT'],
  ['--os-key <FILE>', 'PEM private key of this client.', 'OS_KEY'],
  [
    '--os-auth-type <NAME>',
    'How to authenticate: password, token, v3applicationcredential or none.',
    'OS_AUTH_TYPE',
    'OS_AUTH_PLUGIN',
  ],
  ['--os-auth-url <URL>', 'Identity service.', 'OS_AUTH_URL'],
  ['--os-auth-token <TOKEN>', 'Token to use.', 'OS_AUTH_TOKEN', 'OS_TOKEN'],
  ['--os-username <NAME>', 'User to authenticate as.', 'OS_USERNAME', 'OS_USER_NAME'],
  ['--os-user-id <ID>', 'User to authenticate as, by id.', 'OS_USER_ID'],
  ['--os-password <PASSWORD>', 'Password of the user.', 'OS_PASSWORD'],
  ['--os-user-domain-id <ID>', 'Domain of the user.', 'OS_USER_DOMAIN_ID'],
  ['--os-user-domain-name <NAME>', 'Domain of the user, by name.', 'OS_USER_DOMAIN_NAME'],
  ['--os-project-id <ID>', 'Project to act in.', 'OS_PROJECT_ID', 'OS_TENANT_ID'],
  ['--os-project-name <NAME>', 'Project to act in, by name.', 'OS_PROJECT_NAME', 'OS_TENANT_NAME'],
  ['--os-project-domain-id <ID>', 'Domain of the project.', 'OS_PROJECT_DOMAIN_ID'],
  ['--os-project-domain-name <NAME>', 'Domain of the project, by name.', 'OS_PROJECT_DOMAIN_NAME'],
  ['--os-default-domain-id <ID>', 'Domain of user and project where none is named.', 'OS_DEFAULT_DOMAIN_ID'],
  [
    '--os-default-domain-name <NAME>',
    'Domain of user and project where none is named, by name.',
    'OS_DEFAULT_DOMAIN_NAME',
  ],
  ['--os-domain-id <ID>', 'Domain to act in instead of a project.', 'OS_DOMAIN_ID'],
  ['--os-domain-name <NAME>', 'Domain to act in instead of a project, by name.', 'OS_DOMAIN_NAME'],
  ['--os-system-scope <SCOPE>', 'Act on the system instead of a project ("all").', 'OS_SYSTEM_SCOPE'],
  ['--os-trust-id <ID>', 'Trust to act under.', 'OS_TRUST_ID'],
  ['--os-application-credential-id <ID>', 'Application credential.', 'OS_APPLICATION_CREDENTIAL_ID'],
  ['--os-application-credential-name <NAME>', 'Application credential, by name.', 'OS_APPLICATION_CREDENTIAL_NAME'],
  [
    '--os-application-credential-secret <SECRET>',
    'Secret of the application credential.',
    'OS_APPLICATION_CREDENTIAL_SECRET',
  ],
]

/** Older spellings of global options and what they stand for. */
export const optionAliases: Readonly<Record<string, string>> = {
  '--os-tenant-id': '--os-project-id',
  '--os-tenant-name': '--os-project-name',
  '--os-user-name': '--os-username',
  '--os-auth-plugin': '--os-auth-type',
  '--os-token': '--os-auth-token',
  '--os-interface': '--os-endpoint-type',
  '--os-image-endpoint-override': '--os-image-url',
}

const DEFAULT_TIMEOUT_SECONDS = 600

/** Declares the global options on the program, with defaults from `env`. */
export function declareGlobals(program: Command, env: Environment): void {
  for (const row of rows) program.addOption(fromEnvironment(env, row))
  program.addOption(
    new Option('--timeout <SECONDS>', 'Give a request up after this time without progress.')
      .argParser(parseTimeout)
      .default(DEFAULT_TIMEOUT_SECONDS),
  )
}

/** An option whose default is the first of the named variables that is set and not empty. */
export function fromEnvironment(env: Environment, [flags, description, ...names]: OptionRow): Option {
  if (names.length === 0) return new Option(flags, description)
  const sources = names.map((name) => `env[${name}]`).join(' or ')
  const option = new Option(flags, `${description} Defaults to ${sources}.`)
  const value = names.map((name) => env[name]).find(Boolean)
  return value === undefined ? option : option.default(option.isBoolean() ? true : value)
}

function parseTimeout(text: string): number {
  const seconds = Number(text)
  if (text.trim() === '' || !Number.isFinite(seconds) || seconds <= 0)
    throw new InvalidArgumentError('It must be a number of seconds above 0.')
  return seconds
}

/** Option argument: a whole number from `least` up. */
export function wholeNumber(least = 0): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!/^[+-]?\d+$/.test(text.trim()) || !Number.isSafeInteger(value))
      throw new InvalidArgumentError('It must be a whole number.')
    if (value < least) throw new InvalidArgumentError(`It must be at least ${least}.`)
    return value
  }
}

const truths = new Set(['1', 't', 'true', 'on', 'y', 'yes'])
const untruths = new Set(['0', 'f', 'false', 'off', 'n', 'no'])

/** Option argument: true or false in any of the spellings OpenStack tools take. */
export function trueOrFalse(text: string): boolean {
  const word = text.trim().toLowerCase()
  if (truths.has(word)) return true
  if (untruths.has(word)) return false
  throw new InvalidArgumentError('It must be True or False.')
}

/** Collects the values of an option that may be given several times. */
export function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value]
}
