import { randomUUID } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** What a client needs to find this server and log in to it. */
export interface OpenrcFacts {
  authUrl: string
  region: string
  /** The one user whose password the file knows. */
  user: string
  project: string
  /** Left out when it is not known (any more): the file asks then. */
  password?: string
}

/** The line of an openrc that keeps the first user's password. */
const PASSWORD_LINE = /^_glance_known_password='([^']*)'$/m

/** The text of an openrc for bash and other POSIX shells: `source openrc [USER [PROJECT]]`. */
export function openrcText(facts: OpenrcFacts): string {
  return `# Credentials for the image service: source this file, then use glance, openstack or any other client.
# As another user, or for another project: source openrc USER PROJECT (asks for a password it does not know).
_glance_known_user='${facts.user}'
_glance_known_password='${facts.password ?? ''}'
for _glance_name in $(env | sed -n 's/^\\(OS_[A-Z0-9_]*\\)=.*/\\1/p'); do
  case "$_glance_name" in OS_PASSWORD) ;; *) unset "$_glance_name" ;; esac
done
export OS_AUTH_TYPE=password
export OS_AUTH_URL='${facts.authUrl}'
export OS_IDENTITY_API_VERSION=3
export OS_IMAGE_API_VERSION=2
export OS_REGION_NAME='${facts.region}'
export OS_USER_DOMAIN_ID=default
export OS_PROJECT_DOMAIN_ID=default
export OS_USERNAME="\${1:-$_glance_known_user}"
export OS_PROJECT_NAME="\${2:-\${1:-${facts.project}}}"
if [ "$OS_USERNAME" = "$_glance_known_user" ] && [ -n "$_glance_known_password" ]; then
  export OS_PASSWORD="$_glance_known_password"
elif [ -t 0 ]; then
  printf 'Password of %s: ' "$OS_USERNAME" >&2
  stty -echo; IFS= read -r OS_PASSWORD; stty echo; printf '\\n' >&2
  export OS_PASSWORD
else
  IFS= read -r OS_PASSWORD; export OS_PASSWORD
fi
unset _glance_known_user _glance_known_password _glance_name
`
}

/** The password an openrc keeps, or undefined when there is none. */
export async function readKnownPassword(path: string): Promise<string | undefined> {
  try {
    return PASSWORD_LINE.exec(await readFile(path, 'utf8'))?.[1] || undefined
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return undefined
    throw thrown
  }
}

/** Writes an openrc whole, readable by its owner only. */
export async function writeOpenrc(path: string, facts: OpenrcFacts): Promise<void> {
  const temporary = join(dirname(path), `.openrc-${randomUUID()}`)
  await writeFile(temporary, openrcText(facts), { mode: 0o600, flag: 'wx' })
  await rename(temporary, path)
}
