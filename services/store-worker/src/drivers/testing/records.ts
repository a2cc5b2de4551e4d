import type { Log, LogFields } from '@glance/shared/log'
import { silentLog } from '@glance/shared/log/silent'

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
  readonly fields: LogFields
}

/** A log that keeps its lines. */
export function recordingLog(): { readonly log: Log; readonly lines: LogLine[] } {
  const lines: LogLine[] = []
  const build = (bound: LogFields): Log => {
    const method = (level: LogLine['level']) => (first: string | LogFields, second?: string) => {
      const [fields, message] = typeof first === 'string' ? [{}, first] : [first, second ?? '']
      lines.push({ level, message, fields: { ...bound, ...fields } })
    }
    return {
      ...silentLog,
      debug: method('debug'),
      info: method('info'),
      warn: method('warn'),
      error: method('error'),
      child: (fields) => build({ ...bound, ...fields }),
    }
  }
  return { log: build({}), lines }
}
