import { RuleSyntaxError } from './fault.ts'

/** A piece of a rule text; `position` counts characters from 1. */
export interface Token {
  readonly kind: '(' | ')' | 'and' | 'or' | 'not' | 'check'
  readonly text: string
  readonly position: number
}

const OPERATORS: ReadonlySet<string> = new Set(['and', 'or', 'not'])

/**
 * Splits a rule text as oslo.policy does: at white space, then parentheses off both ends of each word. A parenthesis
 * left inside a word, other than that of `%(name)s`, would make a check that never matches: it is refused.
 */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  for (const word of text.matchAll(/\S+/g)) splitWord(word[0], word.index + 1, tokens)
  return tokens
}

function splitWord(word: string, position: number, tokens: Token[]): void {
  let start = 0
  while (word[start] === '(') start += 1
  let end = word.length
  while (end > start && word[end - 1] === ')') end -= 1
  for (let at = 0; at < start; at += 1) tokens.push({ kind: '(', text: '(', position: position + at })
  if (end > start) tokens.push(wordToken(word.slice(start, end), position + start))
  for (let at = end; at < word.length; at += 1) tokens.push({ kind: ')', text: ')', position: position + at })
}

function wordToken(text: string, position: number): Token {
  const lower = text.toLowerCase()
  if (OPERATORS.has(lower)) return { kind: lower as Token['kind'], text, position }
  const stray = text.replace(/%\([^()]*\)/g, (field) => '_'.repeat(field.length)).search(/[()]/)
  if (stray >= 0) {
    throw new RuleSyntaxError(
      position + stray,
      `white space must separate the parenthesis from its neighbours in ${text}`,
    )
  }
  return { kind: 'check', text, position }
}
