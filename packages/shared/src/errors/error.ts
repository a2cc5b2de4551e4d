import { ERRORS, type ErrorCode, type ErrorRow } from './table.ts'

/** How an error looks between processes. */
export interface WireError {
  code: ErrorCode
  message: string
}

/** A failure named by a row of the error table. `message` is shown to clients; `cause` stays in the log. */
export class GlanceError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message?: string, options?: { cause?: unknown }) {
    super(message ?? ERRORS[code].message, options)
    this.name = code
    this.code = code
  }

  get row(): ErrorRow {
    return ERRORS[this.code]
  }
}

/** True when `thrown` is a GlanceError of one of these codes. */
export function isCode(thrown: unknown, ...codes: ErrorCode[]): thrown is GlanceError {
  return thrown instanceof GlanceError && codes.includes(thrown.code)
}

/** Anything thrown as a GlanceError; what is not one becomes Internal with the original as cause. */
export function toGlanceError(thrown: unknown): GlanceError {
  return thrown instanceof GlanceError ? thrown : new GlanceError('Internal', undefined, { cause: thrown })
}

/** The part of an error that may cross a process border. */
export function encodeError(thrown: unknown): WireError {
  const error = toGlanceError(thrown)
  return { code: error.code, message: error.message }
}

/** The error another process threw; a code this build does not know becomes Internal. */
export function decodeError(wire: WireError): GlanceError {
  return wire.code in ERRORS ? new GlanceError(wire.code, wire.message) : new GlanceError('Internal', wire.message)
}
