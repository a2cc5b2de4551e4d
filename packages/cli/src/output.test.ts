import { describe, expect, it } from 'vitest'
import { renderList, renderObject, renderTable, valueText } from './output.ts'
import { displayWidth } from './text.ts'

describe('renderTable', () => {
  it('draws borders to the letter', () => {
    expect(
      renderTable(
        ['ID', 'Name'],
        [
          ['1', 'cirros'],
          ['22', ''],
        ],
      ),
    ).toBe(
      [
        '+----+--------+',
        '| ID | Name   |',
        '+----+--------+',
        '| 1  | cirros |',
        '| 22 |        |',
        '+----+--------+',
        '',
      ].join('\n'),
    )
  })

  it('draws an empty table with its head', () => {
    expect(renderTable(['ID', 'Name'], [])).toBe(
      ['+----+------+', '| ID | Name |', '+----+------+', '+----+------+', ''].join('\n'),
    )
  })

  it('aligns names of other alphabets and emoji', () => {
    const table = renderTable(['Name'], [['plain'], ['日本語 🎉'], ['สวัสดี'], ['Ωmega 👨‍👩‍👧']])
    expect(new Set(table.trimEnd().split('\n').map(displayWidth))).toEqual(new Set([13]))
  })

  it('gives a value with line breaks several lines', () => {
    expect(renderTable(['A', 'B'], [['x', 'one\ntwo']])).toBe(
      ['+---+-----+', '| A | B   |', '+---+-----+', '| x | one |', '|   | two |', '+---+-----+', ''].join('\n'),
    )
  })

  it('draws ten thousand rows in a moment', () => {
    const rows = Array.from({ length: 10_000 }, (_, at) => [String(at), 'name'])
    const started = performance.now()
    expect(renderTable(['ID', 'Name'], rows).split('\n')).toHaveLength(10_005)
    expect(performance.now() - started).toBeLessThan(2000)
  })
})

describe('renderObject', () => {
  it('sorts by name and wraps at the width given', () => {
    expect(renderObject({ size: null, name: 'a b c d e f', Big: true }, 5)).toBe(
      [
        '+----------+-------+',
        '| Property | Value |',
        '+----------+-------+',
        '| Big      | True  |',
        '| name     | a b c |',
        '|          | d e f |',
        '| size     | None  |',
        '+----------+-------+',
        '',
      ].join('\n'),
    )
  })

  it('wraps at eighty columns by default', () => {
    const lines = renderObject({ hash: 'f'.repeat(128) }).split('\n')
    expect(lines[3]).toBe(`| hash     | ${'f'.repeat(80)} |`)
    expect(lines[4]).toBe(`|          | ${'f'.repeat(48)}${' '.repeat(32)} |`)
  })
})

describe('renderList', () => {
  it('takes the member a title names and leaves missing values empty', () => {
    expect(renderList(['ID', 'Disk_format', 'Size'], [{ id: 'x', size: 0 }])).toBe(
      [
        '+----+-------------+------+',
        '| ID | Disk_format | Size |',
        '+----+-------------+------+',
        '| x  |             | 0    |',
        '+----+-------------+------+',
        '',
      ].join('\n'),
    )
  })

  it('prints lists in single quotes', () => {
    expect(renderList(['Tags'], [{ tags: ['a', "b'c", '日'] }])).toContain(`| ['a', "b'c", '日'] |`)
  })
})

describe('valueText', () => {
  it.each([
    [null, 'None'],
    [undefined, 'None'],
    [true, 'True'],
    [false, 'False'],
    [0, '0'],
    ['', ''],
    [[], '[]'],
    [['a', '日'], '["a", "日"]'],
    [{ a: [1, null], b: { c: true } }, '{"a": [1, null], "b": {"c": true}}'],
  ])('%j is shown as %s', (value, text) => {
    expect(valueText(value)).toBe(text)
  })
})
