import { RuleSyntaxError } from './fault.ts'

/** The right side of a check, such as `%(project_id)s`, `abc`, or a mixture: texts and names of target values. */
export type Template = readonly TemplatePart[]
export type TemplatePart = { readonly text: string } | { readonly name: string; readonly position: number }

/** Splits the right side of a check; `position` is where it begins in the rule. Throws RuleSyntaxError. */
export function parseTemplate(value: string, position: number): Template {
  const parts: TemplatePart[] = []
  let at = 0
  for (const mark of value.matchAll(/%/g)) {
    if (mark.index < at) continue
    if (mark.index > at) parts.push({ text: value.slice(at, mark.index) })
    const field = /^%(?:\(([^()]+)\)s|(%))/.exec(value.slice(mark.index))
    if (field === null) throw new RuleSyntaxError(position + mark.index, 'after % only (name)s or another % can stand')
    parts.push(field[1] === undefined ? { text: '%' } : { name: field[1], position: position + mark.index })
    at = mark.index + field[0].length
  }
  if (at < value.length) parts.push({ text: value.slice(at) })
  return parts
}
