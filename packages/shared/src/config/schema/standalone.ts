import { float, int, string } from '../options.ts'

/** `[standalone]`: the built-in identity of a server without Keystone. */
export const STANDALONE_OPTIONS = {
  users_file: string('File of users, projects and roles; passwords are kept as bcrypt hashes.'),
  token_ttl: int('Seconds a token is valid.', { default: 14400, min: 1 }),
  max_failed_logins: int('Failed log-ins of one user before further ones are refused; 0 never refuses.', {
    default: 10,
    min: 0,
  }),
  failed_login_period: float('Seconds after which failed log-ins are forgotten.', { default: 300, min: 0 }),
} as const
