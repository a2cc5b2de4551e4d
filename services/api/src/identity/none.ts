import type { Identity } from './identity.ts'

/** `auth_strategy = none`: whoever can reach the port is an administrator without a project. */
export function openNoIdentity(): Identity {
  return {
    authenticate: async () => ({ userId: null, projectId: null, roles: ['admin'], serviceRoles: [], readOnly: false }),
  }
}
