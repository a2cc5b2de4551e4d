import { expect, test } from 'vitest'
import { isSecretName, redactFields, redactText } from './redact.ts'

test('knows the names of secrets in every spelling', () => {
  for (const name of [
    'password',
    'adminPassword',
    'X-Auth-Token',
    'authorization',
    's3_store_secret_key',
    'ticket',
    'set-cookie',
  ]) {
    expect(isSecretName(name), name).toBe(true)
  }
  for (const name of ['token_ttl', 'path', 'passwords_checked', 'ticket_age', 'key']) {
    expect(isSecretName(name), name).toBe(false)
  }
})

test('hides secrets at any depth and leaves the original alone', () => {
  const fields = {
    a: 1,
    headers: [{ 'x-auth-token': 'hunter2' }],
    user: { password: 'hunter2', name: 'me' },
    token: null,
  }
  expect(redactFields(fields)).toEqual({
    a: 1,
    headers: [{ 'x-auth-token': '***' }],
    user: { password: '***', name: 'me' },
    token: null,
  })
  expect(fields.user.password).toBe('hunter2')
})

test('fields without secrets are not copied', () => {
  const fields = { a: 1, list: [{ b: 2 }] }
  expect(redactFields(fields)).toBe(fields)
})

test('a circle ends', () => {
  const circle: Record<string, unknown> = {}
  circle.self = circle
  expect(redactFields(circle)).toBe(circle)
})

test.each([
  ['connect mysql://glance:hunter2@db/x failed', 'connect mysql://***@db/x failed'],
  ['rabbit://a:hunter2@h1,b:hunter2@h2/v', 'rabbit://***@h2/v'],
  ['https://hunter2@github/x', 'https://***@github/x'],
  ['redis://:hunter2@h:6379/0', 'redis://***@h:6379/0'],
  [String.raw`{"url":"x://u:hun\"ter2@h"}`, '{"url":"x://***@h"}'],
  ['swift://u:hunter/2@h/c', 'swift://***@h/c'],
  ['http://host/path and me@example.org', 'http://host/path and me@example.org'],
])('hides the credentials of %s', (text, shown) => {
  expect(redactText(text)).toBe(shown)
})
