import { decodeError, type GlanceError } from '../errors/error.ts'
import type { ErrorCode } from '../errors/table.ts'

/** The error that a JSON text `{"code", "message"}` tells, or undefined when it is something else. */
export function parseWireError(text: string): GlanceError | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || !('code' in value) || !('message' in value)) return undefined
    const { code, message } = value
    if (typeof code !== 'string' || typeof message !== 'string') return undefined
    // A code of another version becomes Internal.
    return decodeError({ code: code as ErrorCode, message })
  } catch {
    return undefined
  }
}
