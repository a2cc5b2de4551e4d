import { describe, expect, it } from 'vitest'
import { RuleSyntaxError } from './fault.ts'
import { parseRule, type RuleNode } from './language.ts'

/** A small generator of repeatable numbers, so that a failing case can be run again. */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

function faultOf(text: string): RuleSyntaxError {
  try {
    parseRule(text)
  } catch (thrown) {
    if (thrown instanceof RuleSyntaxError) return thrown
    throw thrown
  }
  throw new Error(`${text.slice(0, 80)} was accepted`)
}

const role = (name: string): RuleNode => ({ kind: 'role', match: [{ text: name }] })

describe('parseRule', () => {
  it.each<[string, RuleNode]>([
    ['', { kind: 'always' }],
    ['  \n ', { kind: 'always' }],
    ['@', { kind: 'always' }],
    ['!', { kind: 'never' }],
    ['role:a', role('a')],
    ['rule:x:y', { kind: 'rule', name: 'x:y', position: 1 }],
    ['NOT role:a', { kind: 'not', node: role('a') }],
    ['not not role:a', { kind: 'not', node: { kind: 'not', node: role('a') } }],
    ['((role:a))', role('a')],
    ['role:a or role:b or role:c', { kind: 'or', nodes: [role('a'), role('b'), role('c')] }],
    [
      'role:a or role:b and not role:c',
      { kind: 'or', nodes: [role('a'), { kind: 'and', nodes: [role('b'), { kind: 'not', node: role('c') }] }] },
    ],
    [
      '( role:a or role:b ) and role:c',
      { kind: 'and', nodes: [{ kind: 'or', nodes: [role('a'), role('b')] }, role('c')] },
    ],
    [
      '(project_id:%(owner)s)',
      { kind: 'attribute', name: 'project_id', match: [{ name: 'owner', position: 13 }], position: 2 },
    ],
    ["'public':%(visibility)s", { kind: 'literal', value: 'public', match: [{ name: 'visibility', position: 10 }] }],
    ['"x":x', { kind: 'literal', value: 'x', match: [{ text: 'x' }] }],
    ['True:%(a.b)s', { kind: 'literal', value: 'True', match: [{ name: 'a.b', position: 6 }] }],
    ['None:%(owner)s', { kind: 'literal', value: null, match: [{ name: 'owner', position: 6 }] }],
    ['-12.5:%(x)s', { kind: 'literal', value: '-12.5', match: [{ name: 'x', position: 7 }] }],
    [
      'user_id:a%%%(x)sb',
      {
        kind: 'attribute',
        name: 'user_id',
        match: [{ text: 'a' }, { text: '%' }, { name: 'x', position: 12 }, { text: 'b' }],
        position: 1,
      },
    ],
  ])('reads %j', (text, node) => {
    expect(parseRule(text)).toEqual(node)
  })

  it.each<[string, number, RegExp]>([
    ['role:a and', 11, /missing at the end/],
    ['or role:a', 1, /missing before "or"/],
    ['role:a role:b', 8, /"role:b" is not expected/],
    ['(role:a', 1, /never closed/],
    ['role:a)', 7, /"\)" is not expected/],
    ['()', 2, /missing before "\)"/],
    ['(role:a role:b)', 9, /not expected here/],
    ['role:a and admin', 12, /kind:value/],
    [':x', 1, /kind:value/],
    ['role:', 1, /kind:value/],
    ['"quoted"', 1, /kind:value/],
    ['http://policy.example/check', 1, /http: checks.*not supported/],
    ['role:a or https://policy.example', 11, /https: checks.*not supported/],
    ['project_id:%(owner)d', 12, /only \(name\)s/],
    ['project_id:50%', 14, /only \(name\)s/],
    ["'a:b':%(x)s", 1, /does not end before the colon/],
    ['not(role:a)', 4, /white space/],
    ['(role:a)or(role:b)', 8, /white space/],
    ['[["role:a"]]', 1, /lists are not supported/],
  ])('refuses %j at position %i', (text, position, reason) => {
    const fault = faultOf(text)
    expect(fault.message).toMatch(reason)
    expect(fault.position).toBe(position)
  })

  it.each([
    ['parentheses', `${'('.repeat(10_000)}role:a${')'.repeat(10_000)}`],
    ['spaced parentheses', `${'( '.repeat(10_000)}role:a${' )'.repeat(10_000)}`],
    ['negations', `${'not '.repeat(10_000)}role:a`],
    ['open parentheses', '('.repeat(1_000_000)],
  ])('refuses 10,000 nested %s without exhausting the stack', (_what, text) => {
    expect(faultOf(text).message).toMatch(/nested deeper than 100/)
  })

  it('reads very long rules that do not nest', () => {
    const node = parseRule(Array.from({ length: 10_000 }, (_, at) => `role:r${at}`).join(' or '))
    expect(node.kind === 'or' && node.nodes.length).toBe(10_000)
  })

  it('never fails with anything but a RuleSyntaxError', () => {
    const pieces = [
      '(',
      ')',
      ' ',
      'and',
      'or',
      'not',
      'role:a',
      '@',
      '!',
      ':',
      '%',
      '%(x)s',
      "'",
      '"',
      'http:',
      '[',
      '\t',
    ]
    const next = numbers(7)
    let refused = 0
    for (let round = 0; round < 5_000; round += 1) {
      const text = Array.from({ length: next(12) }, () => pieces[next(pieces.length)]).join('')
      try {
        parseRule(text)
      } catch (thrown) {
        expect(thrown, text).toBeInstanceOf(RuleSyntaxError)
        refused += 1
      }
    }
    expect(refused).toBeGreaterThan(1_000)
    expect(refused).toBeLessThan(5_000)
  })
})

type Truth = ReadonlySet<string>
interface Formula {
  readonly text: string
  readonly holds: (roles: Truth) => boolean
}

/** A random formula fully parenthesised or relying on precedence, with its meaning computed apart from the parser. */
function formula(next: (below: number) => number, depth: number): Formula {
  const choice = depth === 0 ? 0 : next(4)
  if (choice === 0) {
    const name = 'abcd'[next(4)] ?? 'a'
    return { text: `role:${name}`, holds: (roles) => roles.has(name) }
  }
  const left = formula(next, depth - 1)
  if (choice === 1) return { text: `not (${left.text})`, holds: (roles) => !left.holds(roles) }
  const right = formula(next, depth - 1)
  if (choice === 2) {
    return { text: `(${left.text}) and (${right.text})`, holds: (roles) => left.holds(roles) && right.holds(roles) }
  }
  return { text: `${left.text} or ${right.text}`, holds: (roles) => left.holds(roles) || right.holds(roles) }
}

function holds(node: RuleNode, roles: Truth): boolean {
  if (node.kind === 'and') return node.nodes.every((one) => holds(one, roles))
  if (node.kind === 'or') return node.nodes.some((one) => holds(one, roles))
  if (node.kind === 'not') return !holds(node.node, roles)
  if (node.kind === 'role' && node.match[0] !== undefined && 'text' in node.match[0])
    return roles.has(node.match[0].text)
  throw new Error(`unexpected ${node.kind}`)
}

describe('precedence and grouping', () => {
  it('keeps the meaning of random formulas', () => {
    const next = numbers(42)
    for (let round = 0; round < 500; round += 1) {
      const { text, holds: expected } = formula(next, 5)
      const node = parseRule(text)
      for (let world = 0; world < 16; world += 1) {
        const roles = new Set([...'abcd'].filter((_, bit) => (world >> bit) & 1))
        expect(holds(node, roles), text).toBe(expected(roles))
      }
    }
  })
})
