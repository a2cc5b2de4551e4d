import { bool, string } from '../options.ts'

/** `[DEFAULT]`: what is written to the logs, how, and where. */
export const LOGGING_OPTIONS = {
  debug: bool('Logs what happens inside, not only what happened.', { default: false }),
  log_format: string('One JSON object a line, or the line format of oslo.log.', {
    default: 'json',
    choices: ['json', 'oslo'],
  }),
  log_dir: string('Directory of the log files, one for each service; standard output when absent.', {
    deprecatedNames: [{ name: 'logdir' }],
  }),
} as const
