const ISO_TIME =
  /^(\d{4})-?(\d{2})-?(\d{2})(?:[T ](\d{2}):?(\d{2})(?::?(\d{2})(?:[.,](\d{1,9}))?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i

/**
 * A point in time from ISO 8601 text, as `YYYY-MM-DDTHH:MM:SS.sssZ`; without an offset it is UTC. Undefined when the
 * text is no such time, or names a day or hour that does not exist.
 */
export function parseIsoTime(text: string): string | undefined {
  const match = ISO_TIME.exec(text.trim())
  if (match === null) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0))
  const milliseconds = Math.trunc(Number(`0.${match[7] ?? '0'}`) * 1000)
  const time = new Date(Date.UTC(year, month - 1, day, hour, minute, second, milliseconds))
  const exists =
    time.getUTCMonth() === month - 1 && time.getUTCDate() === day && hour < 24 && minute < 60 && second < 60 && year > 0
  if (!exists) return undefined
  const offset = offsetMinutes(match[8])
  return offset === undefined ? undefined : new Date(time.getTime() - offset * 60_000).toISOString()
}

function offsetMinutes(text: string | undefined): number | undefined {
  if (text === undefined || text.toUpperCase() === 'Z') return 0
  const hours = Number(text.slice(1, 3))
  const minutes = Number(text.slice(3).replace(':', '') || 0)
  if (hours > 23 || minutes > 59) return undefined
  return (text.startsWith('-') ? -1 : 1) * (hours * 60 + minutes)
}
