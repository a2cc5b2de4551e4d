import type { PolicyRule } from '../rule.ts'
import { ADMIN, ADMIN_OR_MEMBER } from './checks.ts'

const MEMBERS = '/v2/images/{image_id}/members'
const MEMBER = `${MEMBERS}/{member_id}`
const READ_SHARE = `${ADMIN} or (role:reader and (project_id:%(project_id)s or project_id:%(member_id)s))`

/** Rules of sharing an image with other projects. */
export const MEMBER_RULES: readonly PolicyRule[] = [
  {
    name: 'add_member',
    check: ADMIN_OR_MEMBER,
    description: 'Share an image with a project.',
    operations: [{ method: 'POST', path: MEMBERS }],
  },
  {
    name: 'delete_member',
    check: ADMIN_OR_MEMBER,
    description: 'Stop sharing an image with a project.',
    operations: [{ method: 'DELETE', path: MEMBER }],
  },
  {
    name: 'get_members',
    check: READ_SHARE,
    description: 'List the projects an image is shared with.',
    operations: [{ method: 'GET', path: MEMBERS }],
  },
  {
    name: 'get_member',
    check: READ_SHARE,
    description: 'Show how an image is shared with one project.',
    operations: [{ method: 'GET', path: MEMBER }],
  },
  {
    name: 'modify_member',
    check: `${ADMIN} or (role:member and project_id:%(member_id)s)`,
    description: 'Accept or reject an image that is shared with the own project.',
    operations: [{ method: 'PUT', path: MEMBER }],
  },
]
