import { bool, float, multi, string } from '../options.ts'

/** `[oslo_policy]`. */
export const OSLO_POLICY_OPTIONS = {
  enforce_scope: bool('Refuses tokens whose scope a rule does not allow.', { default: true }),
  enforce_new_defaults: bool('Uses the present default rules, not the deprecated ones beside them.', { default: true }),
  policy_file: string('File of rules that replace the default ones; relative to the configuration directory.', {
    default: 'policy.yaml',
  }),
  policy_default_rule: string('Rule used when a rule is missing.', { default: 'default' }),
  policy_dirs: multi('Directories of further rule files.', { default: ['policy.d'] }),
  remote_content_type: string('How a rule is posted to a remote check.', {
    default: 'application/x-www-form-urlencoded',
    choices: ['application/x-www-form-urlencoded', 'application/json'],
  }),
  remote_ssl_verify_server_crt: bool('Checks the certificate of a remote check.', { default: false }),
  remote_ssl_ca_crt_file: string('Authorities that may sign it (PEM).'),
  remote_ssl_client_crt_file: string('Client certificate for it (PEM).'),
  remote_ssl_client_key_file: string('Key of that certificate (PEM).'),
  remote_timeout: float('Seconds a remote check may take.', { default: 60, min: 0 }),
} as const
