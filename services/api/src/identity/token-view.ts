import { DEFAULT_DOMAIN } from '@glance/shared/identity/users-file'
import type { Account } from './accounts.ts'

type Grant = Account['grants'][number]

/** The `token` object of Keystone's v3 answers. */
export function tokenBody(
  account: Account,
  grant: Grant | undefined,
  times: { issuedAt: string; expiresAt: string },
): Record<string, unknown> {
  return {
    methods: ['password'],
    user: { id: account.id, name: account.name, domain: DEFAULT_DOMAIN, password_expires_at: null },
    issued_at: times.issuedAt,
    expires_at: times.expiresAt,
    audit_ids: [],
    ...(grant === undefined
      ? {}
      : {
          project: { ...grant.project, domain: DEFAULT_DOMAIN },
          is_domain: false,
          roles: grant.roles.map((name) => ({ id: name, name })),
        }),
  }
}

/** The catalog: this server, as image and as identity service, at the address the client used. */
export function catalog(base: string, region: string): object[] {
  const entry = (type: string, name: string, url: string) => ({
    id: name,
    type,
    name,
    endpoints: ['public', 'internal', 'admin'].map((face) => ({
      id: `${name}-${face}`,
      interface: face,
      region,
      region_id: region,
      url,
    })),
  })
  return [entry('image', 'glance', base), entry('identity', 'keystone', `${base}/identity`)]
}

/** Keystone's version document of v3. */
export function identityVersion(base: string): object {
  return {
    id: 'v3.14',
    status: 'stable',
    updated: '2020-04-07T00:00:00Z',
    links: [{ rel: 'self', href: `${base}/identity/v3/` }],
    'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.identity-v3+json' }],
  }
}

/** A project as Keystone shows it. */
export function projectView(project: { id: string; name: string }, base: string): object {
  return {
    ...project,
    domain_id: DEFAULT_DOMAIN.id,
    parent_id: DEFAULT_DOMAIN.id,
    enabled: true,
    is_domain: false,
    description: '',
    tags: [],
    links: { self: `${base}/identity/v3/projects/${project.id}` },
  }
}
