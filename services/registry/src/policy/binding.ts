import type { CallContext } from '@glance/shared/context'
import { attributeKind } from '@glance/shared/contracts/attributes'
import { RuleSyntaxError } from './fault.ts'
import type { PolicyTarget } from './rule.ts'
import type { Template } from './template.ts'

/** Reads one value of the target: undefined when it has no such value, null when it is empty. */
type TargetReader = (target: PolicyTarget) => string | null | undefined
type CallerReader = (context: CallContext) => string | readonly string[] | null | undefined

const readOwner: TargetReader = (target) => target.owner
const readMember: TargetReader = (target) => target.memberId
const readImageId: TargetReader = (target) => target.imageId

const TARGET: ReadonlyMap<string, TargetReader> = new Map<string, TargetReader>([
  ['owner', readOwner],
  ['project_id', readOwner],
  ['tenant', readOwner],
  ['member_id', readMember],
  ['member', readMember],
  ['image_id', readImageId],
  ['id', readImageId],
  ['visibility', (target) => target.visibility],
  ['status', (target) => target.status],
])

const readUser: CallerReader = (context) => context.userId
const readProject: CallerReader = (context) => context.projectId

const CALLER: ReadonlyMap<string, CallerReader> = new Map<string, CallerReader>([
  ['user_id', readUser],
  ['user', readUser],
  ['project_id', readProject],
  ['tenant', readProject],
  ['tenant_id', readProject],
  ['roles', (context) => context.roles],
  ['service_roles', (context) => context.serviceRoles],
  ['user_domain_id', (context) => context.userDomainId],
  ['project_domain_id', (context) => context.projectDomainId],
  ['system_scope', (context) => context.systemScope],
])

/** A template ready to be filled from a target; undefined when a value it names is missing or empty. */
export type Filler = (target: PolicyTarget) => string | undefined

/** Binds the names of a template to the target. Throws RuleSyntaxError for a name no target ever has. */
export function bindTemplate(template: Template): { readonly constant: string } | { readonly fill: Filler } {
  const parts = template.map((part) => ('text' in part ? part.text : targetReader(part.name, part.position)))
  const texts = parts.filter((part) => typeof part === 'string')
  if (texts.length === parts.length) return { constant: texts.join('') }
  const [only, ...more] = parts
  if (typeof only === 'function' && more.length === 0) return { fill: (target) => only(target) ?? undefined }
  return {
    fill: (target) => {
      let filled = ''
      for (const part of parts) {
        const value = typeof part === 'string' ? part : part(target)
        if (value === null || value === undefined) return undefined
        filled += value
      }
      return filled
    },
  }
}

/** The reader of a target value. Throws RuleSyntaxError for image attributes that rules cannot look at. */
export function targetReader(name: string, position: number): TargetReader {
  const base = TARGET.get(name)
  if (base !== undefined) return base
  const kind = attributeKind(name)
  if (kind !== 'custom' && kind !== 'reserved') {
    throw new RuleSyntaxError(
      position,
      `rules cannot look at ${name}; they know ${[...TARGET.keys()].join(', ')} and custom properties`,
    )
  }
  return ({ properties }) =>
    properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined
}

/** The reader of something about the caller. Throws RuleSyntaxError for a name that no caller has. */
export function callerReader(name: string, position: number): CallerReader {
  const reader = CALLER.get(name)
  if (reader !== undefined) return reader
  throw new RuleSyntaxError(
    position,
    `${name} is nothing known about a caller; known are role, rule, is_admin, ${[...CALLER.keys()].join(', ')}`,
  )
}
