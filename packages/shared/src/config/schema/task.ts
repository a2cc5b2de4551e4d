import { int, string } from '../options.ts'

/** `[task]`. */
export const TASK_OPTIONS = {
  task_time_to_live: int('Hours a finished task can be asked about.', {
    default: 48,
    min: 0,
    deprecatedNames: [{ section: 'DEFAULT', name: 'task_time_to_live' }],
  }),
  task_executor: string('Accepted for old files; tasks are always jobs.', {
    default: 'taskflow',
    choices: ['taskflow'],
  }),
  work_dir: string('Scratch directory for conversions.'),
} as const

/** `[wsgi]`. */
export const WSGI_OPTIONS = {
  task_pool_threads: int('Background tasks one API server runs at the same time.', { default: 16, min: 1 }),
  python_interpreter: string('Accepted for old files; nothing here runs Python.'),
} as const
