import type { PolicyRule } from '../rule.ts'

/** Rules that guard no call of their own: others refer to them. */
export const BASE_RULES: readonly PolicyRule[] = [
  { name: 'default', check: '', description: 'The rule of calls that have none of their own.', operations: [] },
  {
    name: 'context_is_admin',
    check: 'role:admin',
    description: 'Who is an admin: sees and changes the images of every project.',
    operations: [],
  },
  {
    name: 'service_api',
    check: 'role:service or rule:context_is_admin',
    description: 'Who may use the calls meant for other services of the cloud.',
    operations: [],
  },
]
