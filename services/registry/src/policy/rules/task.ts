import type { PolicyRule } from '../rule.ts'
import { ADMIN } from './checks.ts'

const TASKS = '/v2/tasks'
const TASK = '/v2/tasks/{task_id}'

/** Rules of the tasks API; all but the first stand behind `tasks_api_access`. */
export const TASK_RULES: readonly PolicyRule[] = [
  {
    name: 'tasks_api_access',
    check: ADMIN,
    description: 'Use the tasks API at all.',
    operations: [
      { method: 'GET', path: TASKS },
      { method: 'POST', path: TASKS },
      { method: 'GET', path: TASK },
      { method: 'DELETE', path: TASK },
    ],
  },
  { name: 'get_tasks', check: '', description: 'List tasks.', operations: [{ method: 'GET', path: TASKS }] },
  { name: 'get_task', check: '', description: 'Show a task.', operations: [{ method: 'GET', path: TASK }] },
  { name: 'add_task', check: '', description: 'Create a task.', operations: [{ method: 'POST', path: TASKS }] },
  { name: 'modify_task', check: '', description: 'Change a task.', operations: [{ method: 'DELETE', path: TASK }] },
]
