import { bool, dict, string } from '../options.ts'

/** Options of the read-only `http` store. */
export const HTTP_STORE_OPTIONS = {
  https_ca_certificates_file: string('Authorities that may sign a server certificate (PEM).'),
  https_insecure: bool('Does not check server certificates.', { default: true }),
  http_proxy_information: dict('Proxies as scheme:proxy pairs, such as http:10.0.0.1:3128.', { default: {} }),
} as const
