import type { CallContext } from '@glance/shared/context'
import type { Image } from '@glance/shared/contracts/image'
import { GlanceError } from '@glance/shared/errors/error'
import type { PolicyRule, PolicyTarget } from './rule.ts'

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

export function openPolicy(options: PolicyOptions = {}): Policy {
  throw new Error(`pending ${options.enforceScope}`)
}
