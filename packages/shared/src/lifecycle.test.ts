import { EventEmitter } from 'node:events'
import { expect, test, vi } from 'vitest'
import { buildLifecycle, LifecycleStopped, runUntilSignal } from './lifecycle.ts'
import { silentLog } from './log/silent.ts'
import type { Log } from './log.ts'

function recordingLog(): { log: Log; errors: unknown[] } {
  const errors: unknown[] = []
  const log: Log = { ...silentLog, error: (fields: unknown) => errors.push(fields), child: () => log }
  return { log, errors }
}

test('starts in order, hands values on, stops in reverse', async () => {
  const events: string[] = []
  const life = buildLifecycle(silentLog)
  const part = (name: string) => ({
    start: async () => {
      events.push(`+${name}`)
      return `${name}-value`
    },
    stop: (value: string) => events.push(`-${value}`),
  })
  expect(await life.start('a', part('a'))).toBe('a-value')
  await life.start('b', part('b'))
  expect(await life.stop()).toEqual([])
  expect(events).toEqual(['+a', '+b', '-b-value', '-a-value'])
  await life.stop()
  expect(events).toHaveLength(4)
})

test('a part that fails or hangs is named and does not keep the others up', async () => {
  const { log, errors } = recordingLog()
  const life = buildLifecycle(log)
  const stopped = vi.fn()
  await life.start('first', { start: () => 1, stop: stopped })
  await life.start('broken', { start: () => 2, stop: () => Promise.reject(new Error('no')) })
  await life.start('hanging', { start: () => 3, stop: () => new Promise(() => undefined), stopWithin: 20 })
  expect(await life.stop()).toEqual(['hanging', 'broken'])
  expect(stopped).toHaveBeenCalledWith(1)
  expect(errors).toMatchObject([
    { part: 'hanging', err: { message: 'no answer within 20 ms' } },
    { part: 'broken', err: { message: 'no' } },
  ])
})

test('health asks every part', async () => {
  const life = buildLifecycle(silentLog)
  await life.start('plain', { start: () => undefined })
  await life.start('told', { start: () => 5, health: async (value) => `${value} connections` })
  await life.start('down', { start: () => undefined, health: () => Promise.reject(new Error('refused')) })
  expect(await life.health()).toEqual([
    { name: 'plain', ok: true },
    { name: 'told', ok: true, detail: '5 connections' },
    { name: 'down', ok: false, detail: 'refused' },
  ])
})

test('a health check that does not answer is not waited for', async () => {
  vi.useFakeTimers()
  try {
    const life = buildLifecycle(silentLog)
    await life.start('mute', { start: () => undefined, health: () => new Promise(() => undefined) })
    const health = life.health()
    await vi.advanceTimersByTimeAsync(2000)
    expect(await health).toEqual([{ name: 'mute', ok: false, detail: 'no answer within 2000 ms' }])
  } finally {
    vi.useRealTimers()
  }
})

test('a part that comes up after the stop began is stopped again', async () => {
  const life = buildLifecycle(silentLog)
  let finish = (_: string): void => undefined
  const stop = vi.fn()
  let signal: AbortSignal | undefined
  const starting = life.start('slow', {
    start: (given) => {
      signal = given
      return new Promise<string>((resolve) => {
        finish = resolve
      })
    },
    stop,
  })
  await life.stop()
  expect(signal?.aborted).toBe(true)
  finish('late')
  await expect(starting).rejects.toBeInstanceOf(LifecycleStopped)
  expect(stop).toHaveBeenCalledWith('late')
  await expect(life.start('next', { start: () => 1 })).rejects.toBeInstanceOf(LifecycleStopped)
})

test('runs until a signal, then stops in order', async () => {
  const signals = new EventEmitter()
  const stop = vi.fn()
  const onHangup = vi.fn()
  const run = runUntilSignal(
    async (life) => {
      await life.start('server', { start: () => 'up', stop })
      signals.emit('SIGHUP')
      setImmediate(() => signals.emit('SIGTERM'))
    },
    { log: silentLog, signals, onHangup },
  )
  expect(await run).toBe(0)
  expect(stop).toHaveBeenCalledWith('up')
  expect(onHangup).toHaveBeenCalledTimes(1)
  expect(signals.eventNames()).toEqual([])
})

test('a signal during the start ends it; an unclean stop is told by the exit code', async () => {
  const signals = new EventEmitter()
  const never = vi.fn()
  const run = runUntilSignal(
    async (life) => {
      await life.start('server', { start: () => 1, stop: () => Promise.reject(new Error('no')) })
      signals.emit('SIGINT')
      await new Promise(setImmediate)
      await life.start('next', { start: never })
    },
    { log: silentLog, signals },
  )
  expect(await run).toBe(1)
  expect(never).not.toHaveBeenCalled()
})

test('a second signal ends the process at once', async () => {
  const signals = new EventEmitter()
  const exit = vi.fn()
  let release = (): void => undefined
  const run = runUntilSignal(
    async (life) => {
      const stop = () =>
        new Promise<void>((resolve) => {
          release = resolve
        })
      await life.start('server', { start: () => 1, stop })
      setImmediate(() => signals.emit('SIGTERM'))
    },
    { log: silentLog, signals, exit },
  )
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(exit).not.toHaveBeenCalled()
  signals.emit('SIGTERM')
  expect(exit).toHaveBeenCalledWith(1)
  release()
  expect(await run).toBe(0)
})

test('a start that fails undoes what came before and is thrown on', async () => {
  const signals = new EventEmitter()
  const stop = vi.fn()
  const run = runUntilSignal(
    async (life) => {
      await life.start('a', { start: () => 1, stop })
      await life.start('b', { start: () => Promise.reject(new Error('port taken')) })
    },
    { log: silentLog, signals },
  )
  await expect(run).rejects.toThrow('port taken')
  expect(stop).toHaveBeenCalledWith(1)
  expect(signals.eventNames()).toEqual([])
})
