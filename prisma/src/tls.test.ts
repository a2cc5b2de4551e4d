import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { tlsSettings } from './tls.ts'

it.each([[{}], [{ charset: 'utf8' }], [{ sslmode: 'disable' }], [{ sslmode: 'prefer' }]])(
  '%j asks for no TLS',
  (parameters) => {
    expect(tlsSettings(parameters as Record<string, string>)).toBeUndefined()
  },
)

it('sslmode=require encrypts without checking the certificate, as libpq does', () => {
  expect(tlsSettings({ sslmode: 'require' })).toEqual({ rejectUnauthorized: false })
})

it('a named authority is read, and the certificate checked against it', () => {
  const dir = mkdtempSync(join(tmpdir(), 'glance-tls-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  const ca = join(dir, 'ca.pem')
  writeFileSync(ca, 'authority')
  expect(tlsSettings({ ssl_ca: ca })).toEqual({ rejectUnauthorized: true, ca: 'authority' })
  expect(tlsSettings({ sslmode: 'verify-full', sslrootcert: ca })).toEqual({
    rejectUnauthorized: true,
    ca: 'authority',
  })
  expect(() => tlsSettings({ ssl_ca: join(dir, 'absent.pem') })).toThrow(/absent\.pem/)
})
