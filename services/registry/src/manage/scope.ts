/** What every verb of `glance-manage` is given. */
export interface ManageScope {
  /** Configuration files and directories named on the command line. */
  readonly files: readonly string[]
  readonly dirs: readonly string[]
  readonly print: (text: string) => void
  /** Set by a verb whose answer is its exit code. */
  exitCode: number
}
