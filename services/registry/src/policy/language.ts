import { RuleSyntaxError } from './fault.ts'
import { parseTemplate, type Template } from './template.ts'
import { type Token, tokenize } from './tokens.ts'

/** A parsed rule. Positions count characters of the text from 1. */
export type RuleNode =
  | { readonly kind: 'always' }
  | { readonly kind: 'never' }
  | { readonly kind: 'and' | 'or'; readonly nodes: readonly RuleNode[] }
  | { readonly kind: 'not'; readonly node: RuleNode }
  | { readonly kind: 'rule'; readonly name: string; readonly position: number }
  | { readonly kind: 'role'; readonly match: Template }
  /** A literal of the text against a value of the target; null is `None`. */
  | { readonly kind: 'literal'; readonly value: string | null; readonly match: Template }
  /** Something about the caller against a value of the target or a constant. */
  | { readonly kind: 'attribute'; readonly name: string; readonly match: Template; readonly position: number }

/** How deep parentheses and `not` may nest: far beyond any sane rule, far below the stack. */
export const MAX_NESTING = 100

/**
 * Parses one rule of the oslo.policy language: `role:x`, `rule:x`, `attribute:value`, `'literal':%(name)s`, `@`, `!`,
 * `not`, `and`, `or` (binding in that order) and parentheses; an empty text always holds.
 * Throws RuleSyntaxError.
 */
export function parseRule(text: string): RuleNode {
  if (text.trimStart().startsWith('[')) {
    throw new RuleSyntaxError(1, 'rules written as lists are not supported; write the rule as text with and, or, not')
  }
  const tokens = tokenize(text)
  if (tokens.length === 0) return { kind: 'always' }
  const reader = new TokenReader(tokens, text.length + 1)
  const node = readAny(reader, 0)
  const rest = reader.take()
  if (rest !== undefined) throw new RuleSyntaxError(rest.position, `"${rest.text}" is not expected here`)
  return node
}

class TokenReader {
  readonly end: number
  readonly #tokens: readonly Token[]
  #next = 0

  constructor(tokens: readonly Token[], end: number) {
    this.#tokens = tokens
    this.end = end
  }

  take(): Token | undefined {
    const token = this.#tokens[this.#next]
    this.#next += 1
    return token
  }

  /** Takes the next token when it is of that kind. */
  takeIf(kind: Token['kind']): boolean {
    if (this.#tokens[this.#next]?.kind !== kind) return false
    this.#next += 1
    return true
  }
}

function readAny(reader: TokenReader, depth: number): RuleNode {
  const nodes = [readAll(reader, depth)]
  while (reader.takeIf('or')) nodes.push(readAll(reader, depth))
  return joined('or', nodes)
}

function readAll(reader: TokenReader, depth: number): RuleNode {
  const nodes = [readOne(reader, depth)]
  while (reader.takeIf('and')) nodes.push(readOne(reader, depth))
  return joined('and', nodes)
}

function joined(kind: 'and' | 'or', nodes: readonly RuleNode[]): RuleNode {
  const [first, ...more] = nodes
  return first !== undefined && more.length === 0 ? first : { kind, nodes }
}

function readOne(reader: TokenReader, depth: number): RuleNode {
  const token = reader.take()
  if (token === undefined) throw new RuleSyntaxError(reader.end, 'a check is missing at the end')
  if (depth >= MAX_NESTING) throw new RuleSyntaxError(token.position, `nested deeper than ${MAX_NESTING}`)
  if (token.kind === 'check') return readCheck(token)
  if (token.kind === 'not') return { kind: 'not', node: readOne(reader, depth + 1) }
  if (token.kind !== '(') throw new RuleSyntaxError(token.position, `a check is missing before "${token.text}"`)
  const node = readAny(reader, depth + 1)
  const closing = reader.take()
  if (closing === undefined) throw new RuleSyntaxError(token.position, 'this parenthesis is never closed')
  if (closing.kind !== ')') throw new RuleSyntaxError(closing.position, `"${closing.text}" is not expected here`)
  return node
}

function readCheck(token: Token): RuleNode {
  const { text, position } = token
  if (text === '@') return { kind: 'always' }
  if (text === '!') return { kind: 'never' }
  const colon = text.indexOf(':')
  if (colon <= 0 || colon === text.length - 1) {
    throw new RuleSyntaxError(position, `${text} is no check: a check is written kind:value`)
  }
  const kind = text.slice(0, colon)
  const value = text.slice(colon + 1)
  if (kind === 'http' || kind === 'https') {
    throw new RuleSyntaxError(position, `${kind}: checks, which ask another server, are not supported`)
  }
  if (kind === 'rule') return { kind: 'rule', name: value, position }
  const match = parseTemplate(value, position + colon + 1)
  if (kind === 'role') return { kind: 'role', match }
  const literal = readLiteral(kind, position)
  if (literal !== undefined) return { kind: 'literal', value: literal, match }
  return { kind: 'attribute', name: kind, match, position }
}

/** A constant in the texts' own notation: quoted text, True, False, None or a number; undefined when it is a name. */
function readLiteral(kind: string, position: number): string | null | undefined {
  const quote = kind[0]
  if (quote === "'" || quote === '"') {
    if (kind.length < 2 || !kind.endsWith(quote)) {
      throw new RuleSyntaxError(position, `the quoted text ${kind} does not end before the colon`)
    }
    return kind.slice(1, -1)
  }
  if (kind === 'None') return null
  return kind === 'True' || kind === 'False' || /^-?\d+(\.\d+)?$/.test(kind) ? kind : undefined
}
