import { describe, expect, it } from 'vitest'
import { all, any, join, list, raw, sql, textFor } from './sql.ts'

describe('sql', () => {
  it('keeps values out of the text, in order, through nested parts', () => {
    const inner = sql`b = ${'x'} OR c = ${null}`
    const statement = sql`SELECT ${raw('a')} FROM t WHERE ${inner} AND d IN ${list([1, true])}`
    expect(statement).toEqual({
      text: 'SELECT a FROM t WHERE b = ? OR c = ? AND d IN (?, ?)',
      values: ['x', null, 1, true],
    })
  })

  it('numbers parameters for PostgreSQL only', () => {
    const statement = sql`a = ${1} AND b = ${2}`
    expect(textFor('postgresql', statement)).toBe('a = $1 AND b = $2')
    expect(textFor('mysql', statement)).toBe('a = ? AND b = ?')
    expect(textFor('sqlite', statement)).toBe('a = ? AND b = ?')
  })

  it('a date is a value', () => {
    const now = new Date()
    expect(sql`at > ${now}`).toEqual({ text: 'at > ?', values: [now] })
  })
})

describe('conditions', () => {
  it('of all: each in parentheses; none is true', () => {
    expect(all([sql`a = ${1} OR b`, raw('c')])).toEqual({ text: '(a = ? OR b) AND (c)', values: [1] })
    expect(all([]).text).toBe('TRUE')
  })

  it('of any: each in parentheses; none is false', () => {
    expect(any([sql`a = ${1}`, raw('c')])).toEqual({ text: '(a = ?) OR (c)', values: [1] })
    expect(any([]).text).toBe('FALSE')
  })

  it('joined by a separator', () => {
    expect(join([sql`(${1})`, sql`(${2})`], ', ')).toEqual({ text: '(?), (?)', values: [1, 2] })
  })
})
