import { expect, it } from 'vitest'
import { openFailedAttempts } from './failed-attempts.ts'

it('locks after so many failures, opens after the time, and forgets at success', () => {
  let now = 0
  const failures = openFailedAttempts({ maxFailures: 3, lockSeconds: 10, now: () => now })
  for (let n = 0; n < 2; n += 1) failures.add('ann')
  expect(failures.isLocked('ann')).toBe(false)
  failures.add('ann')
  expect(failures.isLocked('ann')).toBe(true)
  expect(failures.isLocked('bob')).toBe(false)
  now = 10_001
  expect(failures.isLocked('ann')).toBe(false)
  failures.add('ann')
  failures.clear('ann')
  failures.add('ann')
  expect(failures.isLocked('ann')).toBe(false)
})

it('remembers a bounded number of names', () => {
  const failures = openFailedAttempts({ maxFailures: 1, lockSeconds: 10, now: () => 0 })
  for (let n = 0; n <= 10_000; n += 1) failures.add(`name-${n}`)
  expect(failures.isLocked('name-0')).toBe(false)
  expect(failures.isLocked('name-10000')).toBe(true)
})
