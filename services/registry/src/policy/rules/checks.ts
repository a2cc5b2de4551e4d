/** Texts that several default rules share (Images v2: policy defaults). */
export const ADMIN = 'rule:context_is_admin'
export const MEMBER = 'role:member and project_id:%(project_id)s'
export const READER = 'role:reader and project_id:%(project_id)s'
export const ADMIN_OR_MEMBER = `${ADMIN} or (${MEMBER})`
export const ADMIN_OR_READER = `${ADMIN} or (${READER})`

/**
 * The owner's project, a member project, or an image open to more than its owner. `shared` is among them since images
 * shared with others than the caller are hidden before any rule is asked.
 */
export const REACHABLE = [
  'project_id:%(project_id)s',
  'project_id:%(member_id)s',
  "'community':%(visibility)s",
  "'public':%(visibility)s",
  "'shared':%(visibility)s",
].join(' or ')
