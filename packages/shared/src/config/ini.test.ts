import { expect, test } from 'vitest'
import { normalSection, parseIni } from './ini.ts'

function entriesOf(text: string): Record<string, string> {
  const file = parseIni(text, 'a.conf')
  expect(file.faults).toEqual([])
  return Object.fromEntries(file.entries.map((entry) => [`${entry.section}.${entry.key}@${entry.line}`, entry.value]))
}

test('reads both signs of assignment, comments and sections', () => {
  const text = '# c\n; c\n[DEFAULT]\na = 1\nb: two words \nurl = http://x:1/?a=b\nk:v=w\n\n[Database]\nc =\n'
  expect(entriesOf(text)).toEqual({
    'DEFAULT.a@4': '1',
    'DEFAULT.b@5': 'two words',
    'DEFAULT.url@6': 'http://x:1/?a=b',
    'DEFAULT.k@7': 'v=w',
    'database.c@10': '',
  })
})

test('joins continuation lines, comments inside them included, until a blank line', () => {
  const file = parseIni('[s]\na = one\n  two\n\t# three\n\n  four\n', 'a.conf')
  expect(file.entries).toEqual([{ section: 's', key: 'a', value: 'one\ntwo\n# three', line: 2 }])
  expect(file.faults).toEqual([
    { where: 'a.conf:6', rule: 'a line that begins with a blank must continue a value above it' },
  ])
})

test('takes one pair of quotes off a value', () => {
  const text = '[s]\na = " x "\nb = \'y\'\nc = "z\nd = "\n'
  expect(Object.values(entriesOf(text))).toEqual([' x ', 'y', '"z', '"'])
})

test('keeps every occurrence of a repeated key and of a repeated section', () => {
  const file = parseIni('[s]\na = 1\na = 2\n[t]\n[s]\na = 3\r\n', 'a.conf')
  expect(file.entries.map((entry) => entry.value)).toEqual(['1', '2', '3'])
  expect(file.sections).toEqual([
    { name: 's', line: 1 },
    { name: 't', line: 4 },
    { name: 's', line: 5 },
  ])
})

test('collects every fault with its line', () => {
  const file = parseIni('a = 1\n[s\n[]\n[s]\nnonsense\n= 2\nb = 3\n', 'a.conf')
  expect(file.faults.map((fault) => fault.where)).toEqual(['a.conf:1', 'a.conf:2', 'a.conf:3', 'a.conf:5', 'a.conf:6'])
  expect(file.entries.map((entry) => entry.key)).toEqual(['b'])
})

test('a faulty line does not print what it holds, it may be a stray password', () => {
  const file = parseIni('[s]\nhunter2\n', 'a.conf')
  expect(JSON.stringify(file.faults)).not.toContain('hunter2')
})

test('section names are matched without regard to case', () => {
  expect([normalSection('default'), normalSection('DEFAULT'), normalSection('Fast')]).toEqual([
    'DEFAULT',
    'DEFAULT',
    'fast',
  ])
})
