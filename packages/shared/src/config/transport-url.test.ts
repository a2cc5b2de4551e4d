import { expect, test } from 'vitest'
import { amqpUrls, parseTransportUrl } from './transport-url.ts'

test('one broker', () => {
  const url = parseTransportUrl('rabbit://glance:s%40crt@mq:5673/cloud')
  expect(url).toEqual({
    hosts: [{ host: 'mq', port: 5673, user: 'glance', password: 's@crt' }],
    virtualHost: 'cloud',
    tls: false,
  })
  expect(amqpUrls(url)).toEqual(['amqp://glance:s%40crt@mq:5673/cloud'])
})

test('no host, no user, no virtual host: as RabbitMQ installs itself', () => {
  expect(amqpUrls(parseTransportUrl('rabbit://'))).toEqual(['amqp://guest:guest@localhost:5672/%2F'])
  expect(amqpUrls(parseTransportUrl('rabbit://u:p@h/'))).toEqual(['amqp://u:p@h:5672/%2F'])
  expect(amqpUrls(parseTransportUrl('rabbit://u:p@h//v'))).toEqual(['amqp://u:p@h:5672/%2Fv'])
})

test('several brokers, each with its credentials', () => {
  expect(amqpUrls(parseTransportUrl('rabbit://a:1@h1:5672,b:2@[::1]:5671/v?ssl=1'), true)).toEqual([
    'amqps://a:1@h1:5672/v',
    'amqps://b:2@[::1]:5671/v',
  ])
})

test('amqps asks for TLS and its port', () => {
  expect(amqpUrls(parseTransportUrl('amqps://u:p@h/v'))).toEqual(['amqps://u:p@h:5671/v'])
})

test.each([
  ['kafka://h', /RabbitMQ URL/],
  ['h:5672', /RabbitMQ URL/],
  ['rabbit://a:hunter2@h1,h2/v', /all of its hosts or to none/],
  ['rabbit://a:hunter2@h:port/v', /host:port/],
  ['rabbit://a:hunter2%@h/v', /%25/],
  ['rabbit://a:hunter2@h/100%', /%25/],
])('refuses %s without repeating it', (url, rule) => {
  expect(() => parseTransportUrl(url)).toThrow(rule)
  expect(() => parseTransportUrl(url)).not.toThrow(/hunter2/)
})
