import { expect, test } from 'vitest'
import { osloLine } from './oslo-line.ts'

const at = new Date(2026, 10, 22, 15, 0, 0, 123).toISOString()

function line(fields: object): string {
  return osloLine(`${JSON.stringify({ level: 'info', time: at, service: 'glance_api', pid: 42, ...fields })}\n`)
}

test('time, pid, level, name, who asked, message, fields', () => {
  const fields = { request_id: 'req-1', user_id: 'u', project_id: 'p', msg: 'GET /v2/images', status: 200, note: 'a b' }
  expect(line(fields)).toBe(
    '2026-11-22 15:00:00.123 42 INFO glance_api [req-1 u p] GET /v2/images status=200 note="a b"\n',
  )
})

test('a line that nobody asked for', () => {
  expect(line({ level: 'warn', name: 'glance_api.bytes', msg: 'late' })).toBe(
    '2026-11-22 15:00:00.123 42 WARNING glance_api.bytes [-] late\n',
  )
})

test('values cannot forge a line', () => {
  const text = line({ msg: 'a\n2026-11-22 forged', project_id: 'p\nq', file: 'x\ny' })
  expect(text.match(/\n/g)).toHaveLength(1)
  expect(text).toContain('a\\n2026-11-22 forged')
})

test('the stack of an error follows with the same beginning', () => {
  const text = line({
    level: 'error',
    msg: 'failed',
    err: { type: 'Error', message: 'why', stack: 'Error: why\n    at x' },
  })
  expect(text).toBe(
    [
      '2026-11-22 15:00:00.123 42 ERROR glance_api [-] failed: why',
      '2026-11-22 15:00:00.123 42 ERROR glance_api [-] Error: why',
      '2026-11-22 15:00:00.123 42 ERROR glance_api [-]     at x',
      '',
    ].join('\n'),
  )
})
