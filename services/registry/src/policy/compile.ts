import type { CallContext } from '@glance/shared/context'
import { bindTemplate, callerReader, targetReader } from './binding.ts'
import { PolicyError, type PolicyFault, RuleSyntaxError } from './fault.ts'
import { parseRule, type RuleNode } from './language.ts'
import type { PolicyTarget } from './rule.ts'
import type { Template } from './template.ts'

/** A rule ready to be asked, with everything bound that does not depend on the call. */
export type Check = (context: CallContext, target: PolicyTarget) => boolean

/** The rule that `is_admin:True` stands for. */
export const ADMIN_RULE = 'context_is_admin'

/** How deep rules may go when all they refer to is counted in: evaluation is recursive. */
const MAX_DEPTH = 500

interface Compiled {
  readonly check: Check
  readonly depth: number
}

/**
 * Compiles rules that may refer to each other. Throws a PolicyError with all faults: texts that do not parse, unknown
 * rules and attributes, and rules that refer to themselves.
 */
export function compileRules(texts: ReadonlyMap<string, string>): ReadonlyMap<string, Check> {
  const compiler = new Compiler(texts)
  const checks = new Map([...texts.keys()].map((name) => [name, compiler.rule(name).check]))
  if (compiler.faults.length > 0) throw new PolicyError(compiler.faults)
  return checks
}

const never: Check = () => false
const always: Check = () => true
const BROKEN: Compiled = { check: never, depth: 0 }

class Compiler {
  readonly faults: PolicyFault[] = []
  readonly #texts: ReadonlyMap<string, string>
  readonly #done = new Map<string, Compiled>()
  /** Rules being compiled, outermost first. */
  readonly #open: string[] = []
  #depth = 0

  constructor(texts: ReadonlyMap<string, string>) {
    this.#texts = texts
  }

  rule(name: string): Compiled {
    const known = this.#done.get(name)
    if (known !== undefined) return known
    this.#open.push(name)
    const compiled = this.#compileText(name)
    this.#open.pop()
    this.#done.set(name, compiled)
    return compiled
  }

  #compileText(name: string): Compiled {
    try {
      return this.#node(parseRule(this.#texts.get(name) ?? ''))
    } catch (thrown) {
      if (!(thrown instanceof RuleSyntaxError)) throw thrown
      this.faults.push({ rule: name, position: thrown.position, reason: thrown.message })
      return BROKEN
    }
  }

  #node(node: RuleNode): Compiled {
    this.#depth += 1
    try {
      return this.#compile(node)
    } finally {
      this.#depth -= 1
    }
  }

  #compile(node: RuleNode): Compiled {
    switch (node.kind) {
      case 'always':
        return { check: always, depth: 1 }
      case 'never':
        return { check: never, depth: 1 }
      case 'and':
      case 'or':
        return this.#joined(node.kind, node.nodes)
      case 'not': {
        const inner = this.#node(node.node)
        return { check: (context, target) => !inner.check(context, target), depth: inner.depth + 1 }
      }
      case 'rule':
        return this.#reference(node.name, node.position)
      case 'role':
        return { check: roleCheck(node.match), depth: 1 }
      case 'literal':
        return { check: literalCheck(node.value, node.match), depth: 1 }
      case 'attribute':
        return this.#attribute(node)
    }
  }

  #joined(kind: 'and' | 'or', nodes: readonly RuleNode[]): Compiled {
    const inner = nodes.map((node) => this.#node(node))
    const checks = inner.map((one) => one.check)
    const depth = 1 + inner.reduce((deepest, one) => Math.max(deepest, one.depth), 0)
    // One loop for both: `and` ends at the first false, `or` at the first true.
    const decisive = kind === 'or'
    return {
      depth,
      check: (context, target) => {
        for (const check of checks) if (check(context, target) === decisive) return decisive
        return !decisive
      },
    }
  }

  #reference(name: string, position: number): Compiled {
    if (!this.#texts.has(name)) throw new RuleSyntaxError(position, `there is no rule "${name}"`)
    if (this.#open.includes(name)) {
      const circle = [...this.#open.slice(this.#open.indexOf(name)), name]
      throw new RuleSyntaxError(position, `the rule refers to itself: ${circle.join(' -> ')}`)
    }
    // Bounded on the way down too, since compiling is as recursive as evaluating.
    const compiled = this.#depth < MAX_DEPTH ? this.rule(name) : undefined
    if (compiled === undefined || compiled.depth >= MAX_DEPTH) {
      throw new RuleSyntaxError(position, `rules refer to each other more than ${MAX_DEPTH} deep`)
    }
    return { check: compiled.check, depth: compiled.depth + 1 }
  }

  #attribute(node: Extract<RuleNode, { kind: 'attribute' }>): Compiled {
    if (node.name !== 'is_admin') return { check: attributeCheck(node), depth: 1 }
    const admin = this.#reference(ADMIN_RULE, node.position)
    const match = bindTemplate(node.match)
    const wanted = 'constant' in match ? () => match.constant : match.fill
    return {
      depth: admin.depth + 1,
      check: (context, target) => wanted(target) === (admin.check(context, target) ? 'True' : 'False'),
    }
  }
}

function roleCheck(match: Template): Check {
  const bound = bindTemplate(match)
  if ('constant' in bound) {
    const role = bound.constant.toLowerCase()
    return (context) => context.roles.includes(role)
  }
  return (context, target) => {
    const role = bound.fill(target)
    return role !== undefined && context.roles.includes(role.toLowerCase())
  }
}

function literalCheck(value: string | null, match: Template): Check {
  if (value === null) return noneCheck(match)
  const bound = bindTemplate(match)
  if ('constant' in bound) return bound.constant === value ? always : never
  return (_context, target) => bound.fill(target) === value
}

/** `None:%(name)s` asks whether the target has that value and it is empty. */
function noneCheck(match: Template): Check {
  const [only, ...more] = match
  if (only === undefined || more.length > 0 || 'text' in only) return never
  const read = targetReader(only.name, only.position)
  return (_context, target) => read(target) === null
}

/**
 * The caller's value against the target's. What either side lacks never matches, so a caller without a project is not
 * taken for the owner of an image without one.
 */
function attributeCheck(node: Extract<RuleNode, { kind: 'attribute' }>): Check {
  const read = callerReader(node.name, node.position)
  const bound = bindTemplate(node.match)
  const wanted = 'constant' in bound ? () => bound.constant : bound.fill
  return (context, target) => {
    const value = wanted(target)
    if (value === undefined) return false
    const own = read(context)
    return typeof own === 'object' && own !== null ? own.includes(value) : own === value
  }
}
