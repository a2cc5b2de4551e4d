import { describe, expect, test } from 'vitest'
import { parseDatabaseUrl } from './database-url.ts'

test.each([
  ['sqlite:////var/lib/glance.db', '/var/lib/glance.db'],
  ['sqlite:///glance.db', 'glance.db'],
  ['sqlite://', ':memory:'],
])('%s is a file', (url, file) => {
  expect(parseDatabaseUrl(url)).toEqual({ provider: 'sqlite', file })
})

test('a MySQL URL as operators write it', () => {
  expect(parseDatabaseUrl('mysql+pymysql://glance:p%40ss/word@db.example:3307/glance?charset=utf8')).toEqual({
    provider: 'mysql',
    host: 'db.example',
    port: 3307,
    user: 'glance',
    password: 'p@ss/word',
    database: 'glance',
    parameters: { charset: 'utf8' },
  })
})

test.each([
  ['mysql://h/g', 'mysql', 3306],
  ['mariadb+mariadbconnector://h/g', 'mysql', 3306],
  ['postgresql://h/g', 'postgresql', 5432],
  ['postgresql+psycopg2://h/g', 'postgresql', 5432],
])('%s is %s at its usual port', (url, provider, port) => {
  expect(parseDatabaseUrl(url)).toMatchObject({ provider, host: 'h', port, database: 'g', user: undefined })
})

test('an IPv6 host and a socket', () => {
  expect(parseDatabaseUrl('postgresql://u@[::1]/g')).toMatchObject({ host: '::1', user: 'u', password: undefined })
  expect(parseDatabaseUrl('mysql://u:p@/g?unix_socket=/run/m.sock')).toMatchObject({
    host: 'localhost',
    parameters: { unix_socket: '/run/m.sock' },
  })
})

describe('refuses, without repeating the URL', () => {
  test.each([
    ['oracle://u:hunter2@h/g', /must be a URL of the kind/],
    ['constructor://u:hunter2@h/g', /must be a URL of the kind/],
    ['nonsense', /must be a URL of the kind/],
    ['mysql://u:hunter2@h', /must name a database/],
    ['sqlite://var/lib/x.db', /count the slashes/],
    ['mysql://u:100%hunter2@h/g', /%25/],
  ])('%s', (url, rule) => {
    expect(() => parseDatabaseUrl(url)).toThrow(rule)
    expect(() => parseDatabaseUrl(url)).not.toThrow(/hunter2/)
  })
})
