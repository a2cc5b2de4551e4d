import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { logOptions, openLog } from './log.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'glance-log-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

function linesOf(file: string): Record<string, unknown>[] {
  const text = readFileSync(join(dir, file), 'utf8').trimEnd()
  return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as Record<string, unknown>)
}

test('writes JSON lines with bound fields to the file of the service', async () => {
  const open = openLog({ service: 'glance_api', format: 'json', dir: join(dir, 'deep/er') })
  open.log.info('started')
  open.log.child({ request_id: 'req-1', project_id: 'p' }).warn({ status: 409 }, 'refused')
  open.log.debug('not at this level')
  await open.close()
  const [started, refused, ...rest] = linesOf('deep/er/glance_api.log')
  expect(started).toMatchObject({ level: 'info', service: 'glance_api', pid: process.pid, msg: 'started' })
  expect(Number.isNaN(Date.parse(String(started?.time)))).toBe(false)
  expect(refused).toMatchObject({ level: 'warn', request_id: 'req-1', project_id: 'p', status: 409, msg: 'refused' })
  expect(rest).toEqual([])
})

test('no secret reaches the file: by name, bound, in an error, in a URL', async () => {
  const open = openLog({ service: 'glance_api', format: 'json', dir })
  open.log.info({ headers: { 'X-Auth-Token': 'hunter2' } }, 'call to http://u:hunter2@host/')
  open.log.child({ token: 'hunter2' }).info('bound')
  const err = Object.assign(new Error('connect mysql://g:hunter2@db/x'), {
    request: { headers: { authorization: 'hunter2' } },
  })
  open.log.error({ err }, 'failed')
  await open.close()
  expect(readFileSync(join(dir, 'glance_api.log'), 'utf8')).not.toContain('hunter2')
  const [call, bound, failed] = linesOf('glance_api.log')
  expect(call).toMatchObject({ headers: { 'X-Auth-Token': '***' }, msg: 'call to http://***@host/' })
  expect(bound).toMatchObject({ token: '***' })
  expect(failed?.err).toMatchObject({ type: 'Error', message: 'connect mysql://***@db/x' })
  expect(failed).toHaveProperty('err.stack')
})

test('writes the line format of oslo', async () => {
  const open = openLog(logOptions('glance_registry', { debug: true, log_format: 'oslo', log_dir: dir }))
  open.log.child({ request_id: 'req-1', user_id: 'u', project_id: 'p' }).debug({ ms: 3 }, 'listed')
  await open.close()
  expect(readFileSync(join(dir, 'glance_registry.log'), 'utf8')).toMatch(
    /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} \d+ DEBUG glance_registry \[req-1 u p\] listed ms=3\n$/,
  )
})

test('after a rotation lines go to the new file', async () => {
  const open = openLog({ service: 's', format: 'json', dir })
  open.log.info('before')
  await vi.waitFor(() => expect(linesOf('s.log')).toHaveLength(1))
  renameSync(join(dir, 's.log'), join(dir, 's.log.1'))
  open.reopen()
  await vi.waitFor(() => expect(existsSync(join(dir, 's.log'))).toBe(true))
  open.log.info('after')
  await open.close()
  expect(linesOf('s.log.1').map((line) => line.msg)).toEqual(['before'])
  expect(linesOf('s.log').map((line) => line.msg)).toEqual(['after'])
})

test('a file that cannot be written stops the start and is named', () => {
  writeFileSync(join(dir, 'file'), '')
  expect(() => openLog({ service: 's', format: 'json', dir: join(dir, 'file') })).toThrow(
    /log_dir: .*s\.log cannot be written/,
  )
})

test('everything logged before closing is in the file', async () => {
  const open = openLog({ service: 's', format: 'json', dir })
  for (let index = 0; index < 5000; index++) open.log.info({ index }, 'x')
  await open.close()
  expect(linesOf('s.log').map((line) => line.index)).toEqual(Array.from({ length: 5000 }, (_, index) => index))
})
