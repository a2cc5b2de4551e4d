import type { CallContext } from '@glance/shared/context'
import type { Image } from '@glance/shared/contracts/image'

/** What a rule may look at of an image; `memberOfCaller` is true when the caller's project is one of its members. */
export type AuthorizedImage = Pick<Image, 'id' | 'owner' | 'visibility' | 'status' | 'properties'> & {
  readonly memberOfCaller?: boolean | undefined
}

/** What the domain asks of the policy: the part of the policy engine that its decisions need. */
export interface Authorizer {
  isAdmin(context: CallContext): boolean
  /** Throws Forbidden when the rule denies the call. */
  requireCall(
    rule: string,
    context: CallContext,
    target?: Readonly<{
      owner?: string | null | undefined
      imageId?: string | undefined
      visibility?: string | undefined
      status?: string | undefined
      properties?: Readonly<Record<string, string | null>> | undefined
    }>,
  ): void
  /** Throws NotFound when the caller may not even see the image, else Forbidden, when the rule denies. */
  requireOnImage(rule: string, context: CallContext, image: AuthorizedImage): void
}
