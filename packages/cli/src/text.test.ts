import { describe, expect, it } from 'vitest'
import { displayWidth, printable, wrapText } from './text.ts'

describe('displayWidth', () => {
  it.each([
    ['abc', 3],
    ['日本語', 6],
    ['한국어', 6],
    ['Ελληνικά', 8],
    ['cafe\u0301', 4],
    ['สวัสดี', 4],
    ['🎉', 2],
    ['👨‍👩‍👧', 2],
    ['🇩🇪', 2],
    ['❤️', 2],
    ['', 0],
  ])('%s takes %i columns', (text, width) => {
    expect(displayWidth(text)).toBe(width)
  })
})

describe('printable', () => {
  it('shows control characters instead of sending them to the terminal', () => {
    expect(printable('\x1b[31mred\x07\r')).toBe('\\x1b[31mred\\x07\\x0d')
  })

  it('shows marks that reorder text', () => {
    expect(printable('a\u202egnp.exe')).toBe('a\\u202egnp.exe')
  })

  it('expands tabs to columns of eight, line by line', () => {
    expect(printable('ab\tc\n\td')).toBe('ab      c\n        d')
  })
})

// Expected lines are those of Python's textwrap, which OpenStack's own clients wrap with.
describe('wrapText', () => {
  it.each([
    ['multi  spaces   here ok yes', 20, ['multi  spaces   here', 'ok yes']],
    ['a foo-bar b', 6, ['a foo-', 'bar b']],
    ['22222222-2222-4222', 14, ['22222222-2222-', '4222']],
    ['word yyyyyyyyyyyyyyyyyyyyyyyy end', 10, ['word yyyyy', 'yyyyyyyyyy', 'yyyyyyyyy', 'end']],
    ['one -- two--three', 9, ['one --', 'two--', 'three']],
    ['  lead', 20, ['  lead']],
    ['', 5, []],
  ])('%j in %i columns', (text, width, lines) => {
    expect(wrapText(text, width)).toEqual(lines)
  })

  it('breaks wide characters by columns, not by count', () => {
    expect(wrapText('日本語テスト', 5)).toEqual(['日本', '語テ', 'スト'])
  })

  it('never splits a grapheme, and makes progress even when one is too wide', () => {
    expect(wrapText('👨‍👩‍👧👨‍👩‍👧', 1)).toEqual(['👨‍👩‍👧', '👨‍👩‍👧'])
  })
})
