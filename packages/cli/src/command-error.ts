/** A failure the user is told about in one line on stderr; the command ends with code 1. */
export class CommandError extends Error {
  override readonly name: string = 'CommandError'
}

/** The command line itself is wrong; usage and reason go to stderr, the command ends with code 2. */
export class UsageError extends CommandError {
  override readonly name = 'UsageError'
}

/** The verb failed and has said why already; the command ends with code 1 and adds nothing. */
export class ReportedFailure extends CommandError {
  override readonly name = 'ReportedFailure'
}

/** The user broke off; the command ends with code 130. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
}
