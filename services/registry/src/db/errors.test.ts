import { GlanceError } from '@glance/shared/errors/error'
import { describe, expect, it } from 'vitest'
import { faultOf, toRegistryError } from './errors.ts'

const adapterError = (cause: object) => Object.assign(new Error('DriverAdapterError'), { cause })

describe('faultOf', () => {
  it.each([
    ['a code of Prisma', { code: 'P2002' }, 'duplicate'],
    ['a write conflict', { code: 'P2034' }, 'conflict'],
    ['a pool that gave up', { code: 'P2024' }, 'unavailable'],
    ['an unknown code of Prisma', { code: 'P2025' }, 'other'],
    ['a word of an adapter', adapterError({ kind: 'UniqueConstraintViolation' }), 'duplicate'],
    ['a refused connection', adapterError({ kind: 'DatabaseNotReachable' }), 'unavailable'],
    [
      'an adapter within Prisma',
      { code: 'P2010', meta: { driverAdapterError: adapterError({ kind: 'TransactionWriteConflict' }) } },
      'conflict',
    ],
    ['a lock wait of MySQL', adapterError({ kind: 'mysql', code: 1205 }), 'conflict'],
    ['a server of MySQL that goes down', adapterError({ kind: 'mysql', code: 1053 }), 'unavailable'],
    ['a pool timeout of the MariaDB driver', { errno: 45028 }, 'unavailable'],
    ['an administrator of PostgreSQL', adapterError({ kind: 'postgres', code: '57P01' }), 'unavailable'],
    ['a full disk under SQLite', adapterError({ kind: 'sqlite', extendedCode: 13 }), 'unavailable'],
    [
      'a fault of SQLite with an extended code',
      adapterError({ kind: 'sqlite', extendedCode: 10 + 256 }),
      'unavailable',
    ],
    ['a socket', Object.assign(new Error(), { code: 'ECONNREFUSED' }), 'unavailable'],
    ['a connection that broke', new Error('Connection terminated unexpectedly'), 'unavailable'],
    [
      'a connection that broke before its next statement',
      new Error('Client has encountered a connection error and is not queryable'),
      'unavailable',
    ],
    ['NUL in a text', adapterError({ kind: 'postgres', code: '22021' }), 'value'],
    ['a mistake of ours', new TypeError('x is not a function'), 'other'],
    ['something that is no error', 'text', 'other'],
  ])('%s', (_what, thrown, fault) => {
    expect(faultOf(thrown)).toBe(fault)
  })
})

describe('toRegistryError', () => {
  it('keeps the words of drivers out of the message and in the cause', () => {
    const cause = Object.assign(new Error('Access denied for user glance@10.1.2.3'), { code: 'P1000' })
    const error = toRegistryError(cause)
    expect(error.code).toBe('Unavailable')
    expect(error.message).not.toContain('glance@')
    expect(error.cause).toBe(cause)
  })

  it('passes our own errors unchanged', () => {
    const error = new GlanceError('Conflict', 'said by us')
    expect(toRegistryError(error)).toBe(error)
  })
})
