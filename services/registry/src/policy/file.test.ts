import { describe, expect, it } from 'vitest'
import { parsePolicyFile } from './file.ts'

const parse = (text: string) => parsePolicyFile(text, 'policy.yaml')

describe('parsePolicyFile', () => {
  it.each<[string, string, Record<string, string>]>([
    ['nothing', '', {}],
    ['comments only', '# "get_image": "@"\n', {}],
    ['rules', '# mine\n"get_image": "role:reader"\nadd_image: ""\n', { get_image: 'role:reader', add_image: '' }],
    ['JSON', '{"a": "@", "b": "!"}', { a: '@', b: '!' }],
    ['folded text', 'a: >-\n  role:x\n  or role:y\n', { a: 'role:x or role:y' }],
  ])('reads %s', (_what, text, rules) => {
    expect(parse(text)).toEqual(rules)
  })

  it.each<[string, string, RegExp]>([
    ['bad YAML', 'a: "@"\nb: "x\n', /^policy\.yaml, line \d: .*quote/],
    ['a repeated rule', 'a: "@"\na: "!"\n', /^policy\.yaml, line 2: .*unique/],
    ['a list', '- a\n', /^policy\.yaml, line 1: a mapping of rule names/],
    ['plain text', 'hello', /line 1: a mapping/],
    ['a rule written as a list', 'a: "@"\nb: [["role:x"]]\n', /line 2: the rule b must be text in quotes, not a list/],
    ['a mapping as rule', 'b:\n  c: d\n', /line 1: the rule b must be text in quotes, not a mapping/],
    ['an unquoted exclamation mark', '\nb: !\n', /line 2: the rule b must be text in quotes, not an unquoted/],
    ['no text', 'a:\n', /line 1: the rule a must be text in quotes, not empty/],
    ['a number', 'a: 1\n', /not a number/],
    ['a number as name', '1: "@"\n', /line 1: a rule name must be text/],
    ['an unquoted @', 'a: @\n', /^policy\.yaml, line 1: /],
  ])('refuses %s', (_what, text, message) => {
    expect(() => parse(text)).toThrow(message)
  })

  it('lists every fault', () => {
    expect(() => parse('a: 1\nb: "@"\nc: []\n')).toThrow(/line 1: .*\n.*line 3: /)
  })
})
