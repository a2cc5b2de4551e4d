import type { CallContext } from '@glance/shared/context'
import type { Image } from '@glance/shared/contracts/image'
import { GlanceError } from '@glance/shared/errors/error'
import { ADMIN_RULE, type Check, compileRules } from './compile.ts'
import type { PolicyRule, PolicyTarget } from './rule.ts'
import { DEFAULT_RULES } from './rules/index.ts'

/** What a rule may look at of an image; `memberOfCaller` is true when the caller's project is one of its members. */
export type PolicyImage = Pick<Image, 'id' | 'owner' | 'visibility' | 'status' | 'properties'> & {
  readonly memberOfCaller?: boolean | undefined
}

export interface PolicyOptions {
  /** Rule texts of the operator by name; they replace the defaults or add rules to refer to. */
  readonly overrides?: Readonly<Record<string, string>>
  /** False lets system-scoped tokens be judged by the rules; else every rule denies them ([oslo_policy] enforce_scope). */
  readonly enforceScope?: boolean
}

export interface Policy {
  /** Evaluates one rule; throws an Error for a name that is no rule, since only a programming mistake asks for one. */
  allows(rule: string, context: CallContext, target: PolicyTarget): boolean
  isAdmin(context: CallContext): boolean
  /** NotFound when the caller may not even `get_image`, else Forbidden, when the rule denies. */
  requireOnImage(rule: string, context: CallContext, image: PolicyImage): void
  /** Forbidden when the rule denies; without a target the caller's own project is it. */
  requireCall(rule: string, context: CallContext, target?: PolicyTarget): void
  /** Every rule in force: defaults with the overrides applied. */
  readonly rules: readonly PolicyRule[]
}

/** Throws Forbidden when the caller may only read: for every call that changes something. */
export function requireWritable(context: CallContext): void {
  if (context.readOnly) throw new GlanceError('Forbidden', 'The caller may only read.')
}

/** An image as the rules see it. */
export function imageTarget(image: PolicyImage, context: CallContext): PolicyTarget {
  return {
    owner: image.owner,
    memberId: image.memberOfCaller === true ? context.projectId : null,
    imageId: image.id,
    visibility: image.visibility,
    status: image.status,
    properties: image.properties,
  }
}

/**
 * Compiles the default rules with the operator's over them. Throws a PolicyError naming rule and position of every
 * text that does not parse, of unknown rules and attributes, and of rules that refer to themselves.
 */
export function openPolicy(options: PolicyOptions = {}): Policy {
  return new CompiledPolicy(rulesInForce(options.overrides ?? {}), options.enforceScope ?? true)
}

function rulesInForce(overrides: Readonly<Record<string, string>>): readonly PolicyRule[] {
  const rules = new Map(DEFAULT_RULES.map((rule) => [rule.name, rule]))
  for (const [name, check] of Object.entries(overrides)) {
    const base = rules.get(name) ?? { name, description: 'Defined by the operator.', operations: [] }
    rules.set(name, { ...base, check })
  }
  return [...rules.values()]
}

class CompiledPolicy implements Policy {
  readonly rules: readonly PolicyRule[]
  readonly #checks: ReadonlyMap<string, Check>
  readonly #enforceScope: boolean

  constructor(rules: readonly PolicyRule[], enforceScope: boolean) {
    this.rules = rules
    this.#checks = compileRules(new Map(rules.map((rule) => [rule.name, rule.check])))
    this.#enforceScope = enforceScope
  }

  allows(rule: string, context: CallContext, target: PolicyTarget): boolean {
    const check = this.#checks.get(rule)
    if (check === undefined) throw new Error(`there is no policy rule "${rule}"`)
    // Every rule is of project scope (Images v2: policy-failure translation).
    if (this.#enforceScope && context.systemScope !== undefined) return false
    return check(context, target)
  }

  isAdmin(context: CallContext): boolean {
    return this.allows(ADMIN_RULE, context, {})
  }

  requireOnImage(rule: string, context: CallContext, image: PolicyImage): void {
    const target = imageTarget(image, context)
    if (this.allows(rule, context, target)) return
    if (rule === 'get_image' || !this.allows('get_image', context, target)) {
      throw new GlanceError('NotFound', `No image found with ID ${image.id}`)
    }
    throw denied(rule)
  }

  requireCall(rule: string, context: CallContext, target?: PolicyTarget): void {
    if (!this.allows(rule, context, target ?? { owner: context.projectId })) throw denied(rule)
  }
}

function denied(rule: string): GlanceError {
  return new GlanceError('Forbidden', `You are not authorized to complete ${rule} action.`)
}
