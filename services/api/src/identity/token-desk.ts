import type { TokenGrant } from './tokens.ts'

/** What the identity routes need of the provider. */
export interface TokenDesk {
  /** Checks credentials and issues a token. Throws Unauthorized without saying which part was wrong. */
  login(body: unknown): Promise<{ token: string; grant: TokenGrant }>
  find(token: string): Promise<TokenGrant | undefined>
  revoke(token: string): Promise<void>
  /** Projects the caller has roles on; all for an administrator. */
  projectsOf(
    grant: TokenGrant,
  ): Promise<{ own: { id: string; name: string }[]; visible: { id: string; name: string }[] }>
  readonly region: string
  readonly publicEndpoint?: string
}
