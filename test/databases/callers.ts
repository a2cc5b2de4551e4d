import { randomUUID } from 'node:crypto'
import type { CallContext } from '@glance/shared/context'

/** The id of a project nobody else uses, so that cases share a database and not its images. */
export function newProject(label = 'project'): string {
  return `${label}-${randomUUID().slice(0, 8)}`
}

/** A user of a project who may change its images. */
export function member(projectId: string | null = newProject()): CallContext {
  return callerOf(projectId, ['member', 'reader'])
}

/** A user of a project who may only look. */
export function reader(projectId: string | null): CallContext {
  return callerOf(projectId, ['reader'])
}

export function admin(projectId: string | null = newProject('admin')): CallContext {
  return callerOf(projectId, ['admin', 'member', 'reader'])
}

function callerOf(projectId: string | null, roles: string[]): CallContext {
  return { requestId: `req-${randomUUID()}`, userId: 'somebody', projectId, roles, serviceRoles: [], readOnly: false }
}
