import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { barText, startProgress } from './progress.ts'

describe('barText', () => {
  it.each([
    [0, '[>                             ] 0%'],
    [0.49, '[==============>               ] 49%'],
    [1, '[=============================>] 100%'],
    [1.5, '[=============================>] 100%'],
  ])('draws %d as %s', (share, text) => {
    expect(barText(share)).toBe(text)
  })
})

function terminal(isTTY: boolean): PassThrough & { isTTY: boolean } {
  return Object.assign(new PassThrough(), { isTTY })
}

describe('startProgress', () => {
  it('redraws with carriage returns and ends with a newline', async () => {
    const output = terminal(true)
    const bar = await startProgress(output, 200)
    bar.add(100)
    bar.add(100)
    bar.stop()
    expect(String(output.read())).toBe(`\r${barText(0)}\r${barText(1)}\n`)
  })

  it.each([
    ['not a terminal', false, 100],
    ['of unknown size', true, undefined],
    ['of size zero', true, 0],
  ])('stays silent when %s', async (_case, isTTY, total) => {
    const output = terminal(isTTY)
    const bar = await startProgress(output, total)
    bar.add(50)
    bar.stop()
    expect(output.read()).toBeNull()
  })
})
