import type { Log } from '../log.ts'

/** A log that writes nothing, for tests and for callers that want none. */
export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLog,
}
