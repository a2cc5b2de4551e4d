/** A rule as an operator sees it: its name, its text in the rule language, and the calls it guards. */
export interface PolicyRule {
  readonly name: string
  readonly check: string
  readonly description: string
  readonly operations: readonly { readonly method: string; readonly path: string }[]
}

/**
 * What a rule may look at of the thing acted upon. In rule texts: `owner` (also `project_id`, `tenant`), `member_id`,
 * `image_id`, `visibility`, `status`, and every custom property under its own name.
 */
export interface PolicyTarget {
  readonly owner?: string | null | undefined
  readonly memberId?: string | null | undefined
  readonly imageId?: string | undefined
  readonly visibility?: string | undefined
  readonly status?: string | undefined
  readonly properties?: Readonly<Record<string, string | null>> | undefined
}
