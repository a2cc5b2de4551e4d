import { type Static, Type } from 'typebox'

/** Who asks: travels with every RPC call and is the subject of every policy rule. */
export const CallContextSchema = Type.Object({
  requestId: Type.String(),
  userId: Type.Union([Type.String(), Type.Null()]),
  userName: Type.Optional(Type.String()),
  /** The project the caller acts for; null for a context without one. */
  projectId: Type.Union([Type.String(), Type.Null()]),
  projectName: Type.Optional(Type.String()),
  userDomainId: Type.Optional(Type.String()),
  projectDomainId: Type.Optional(Type.String()),
  /** Lower-cased role names. */
  roles: Type.Array(Type.String()),
  /** Lower-cased roles of a service token that came along. */
  serviceRoles: Type.Array(Type.String()),
  /** 'all' for a system-scoped token. */
  systemScope: Type.Optional(Type.String()),
  /** True for anonymous callers: every change is refused. */
  readOnly: Type.Boolean(),
})
export type CallContext = Static<typeof CallContextSchema>

/** The service acting for itself (workers reporting, sweeps): no user, the role `service`. */
export function serviceContext(requestId: string): CallContext {
  return { requestId, userId: null, projectId: null, roles: ['service'], serviceRoles: ['service'], readOnly: false }
}
